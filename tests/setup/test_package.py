"""The wheel, installed by itself and used from a repository that has folders of the same names."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PARTS = ("harness", "adapters", "metrics", "dashboards", "datasets")
HOUSE = ("pyproject.toml", "README.md", "LICENSE", "THIRD_PARTY.md")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as a release would build it, from a copy, so that the checkout's own links stay alone."""
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for part in PARTS:
        shutil.copytree(CHECKOUT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in HOUSE:
        shutil.copy(CHECKOUT / file, copy)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", out, copy]
    subprocess.run(command, check=True, timeout=600)
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_every_module_and_all_data_and_no_other_name(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert {name.split("/")[0] for name in held} == {"filmbench", wheel.name.rsplit("-", 3)[0] + ".dist-info"}
    modules = {
        f"filmbench/{file.relative_to(CHECKOUT)}"
        for part in PARTS
        for file in (CHECKOUT / part).rglob("*.py")
        if file.parent != CHECKOUT / "harness" / "setup"
    }
    assert modules - held == set(), "a package is missing in pyproject.toml's list"
    data = {f"filmbench/{file.relative_to(CHECKOUT)}" for file in (CHECKOUT / "datasets").rglob("*") if file.is_file()}
    assert data - held == set()
    assert {f"filmbench/{part}/py.typed" for part in PARTS[:4]} <= held
    assert {"filmbench/harness/weights.toml", "filmbench/harness/pricing/prices/openai.toml"} <= held
    film = {"keywords.toml", "speaking.toml", "scripts/late-train.fountain", "scripts/late-train.es.fountain"}
    assert {f"filmbench/harness/film/{name}" for name in film} <= held
    assert {Path(name).name for name in held if "/licenses/" in name} == {"LICENSE", "THIRD_PARTY.md"}


def test_installed_alone_it_works_in_a_repository_with_folders_of_the_same_names(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(environment)}))
    command = [sys.executable, "-m", "pip", "--python", environment / "bin" / "python", "install", "-q"]
    subprocess.run([*command, "--no-deps", "--no-index", wheel], check=True, timeout=600)
    # What filmbench depends on is borrowed from this environment, behind the new one's own packages.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))

    foreign = tmp_path / "foreign"
    for part in PARTS:
        (foreign / part).mkdir(parents=True)
        (foreign / part / "__init__.py").write_text(f"raise RuntimeError('the foreign {part} was imported')\n")

    def run(*arguments: str) -> str:
        settings = {"PYTHONPATH": str(foreign), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
        program = [environment / "bin" / "filmbench", *arguments]
        done = subprocess.run(program, cwd=foreign, env=settings, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "Example: filmbench" in run("--help")
    for kind in ("providers", "metrics"):
        listed = json.loads(run(kind, "list", "--json"))
        assert listed[kind] and listed["broken"] == []
    assert json.loads(run("datasets", "list", "--json"))["datasets"]
    where = "import filmbench.harness.types as module; print(module.__file__)"
    found = subprocess.run([environment / "bin" / "python", "-c", where], cwd=foreign, capture_output=True, text=True)
    assert found.stdout.startswith(str(site)), "the installed filmbench is used, not the checkout"


def test_datasets_hold_no_python() -> None:
    assert list((CHECKOUT / "datasets").rglob("*.py*")) == []
