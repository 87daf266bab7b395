"""The set-up, run for real on a small checkout: its packages are those already installed, its index is none."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tomllib
import venv
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).resolve().parents[2]
SETUP = CHECKOUT / "harness" / "setup"
PYPROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "small"
version = "1"
dependencies = [{core}]

[project.optional-dependencies]
extra = [{optional}]

[tool.setuptools]
packages = ["small"]
package-dir = {{ small = "small" }}
"""

TESTING = ("pytest", "pytest-xdist", "pytest-rerunfailures", "execnet", "iniconfig", "pluggy", "packaging", "pygments")


class Small:
    """A checkout of one package with the real set-up in it, and an active environment of its own."""

    def __init__(self, root: Path, core: str = "", optional: str = "") -> None:
        self.checkout = root / "checkout"
        self.environment = root / "environment"
        setup = self.checkout / "harness" / "setup"
        setup.mkdir(parents=True)
        for file in SETUP.glob("*.py"):
            shutil.copy(file, setup)
        # The real set-up puts a package in by itself that the small one does not want.
        text = (setup / "environment.py").read_text()
        (setup / "environment.py").write_text(
            re.sub(r"(?s)WITHOUT_DEPENDENCIES = \(.*?\n\)", "WITHOUT_DEPENDENCIES = ()", text)
        )
        (setup / "constraints.txt").write_text("absent-package==1\n")
        (self.checkout / "small").mkdir()
        (self.checkout / "small" / "__init__.py").write_text("")
        (self.checkout / "pyproject.toml").write_text(PYPROJECT.format(core=core, optional=optional))
        venv.create(self.environment, with_pip=False)
        site = sysconfig.get_path("purelib", vars={"base": str(self.environment)})
        for name in ("pip", "setuptools", *TESTING):
            _lend(name, Path(site))

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self.checkout / "harness" / "setup" / "bootstrap.py"), *arguments]

    def settings(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
        # No engine of the machine is looked for, none is installed: tests must not change the machine.
        path = str(self.environment / "bin")
        tools = {"PATH": f"{path}:{_without_dpkg(self.environment)}", "VIRTUAL_ENV": str(self.environment)}
        return kept | tools | {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull} | more

    def set_up(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = self.command(*(arguments or ("setup",)))
        return subprocess.run(command, env=self.settings(**more), capture_output=True, text=True, timeout=900)

    def imports(self, code: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([self.environment / "bin" / "python", "-c", code], capture_output=True, text=True)

    def stamp(self) -> Mapping[str, object]:
        content: Mapping[str, object] = json.loads((self.environment / "filmbench-setup.json").read_text())
        return content


def _lend(name: str, site: Path) -> None:
    """Link an installed package into another environment, as if it had been installed there."""
    for top in {file.parts[0] for file in distribution(name).files or ()} - {"..", "__pycache__"}:
        (site / top).symlink_to(Path(str(distribution(name).locate_file(top))))


def _without_dpkg(environment: Path) -> Path:
    tools = environment / "tools"
    tools.mkdir(exist_ok=True)
    for name in ("gcc", "g++"):
        if (found := shutil.which(name)) and not (tools / name).exists():
            (tools / name).symlink_to(found)
    return tools


def test_a_second_run_installs_nothing_and_a_new_file_is_linked(tmp_path: Path) -> None:
    small = Small(tmp_path)
    first = small.set_up()
    assert first.returncode == 0, first.stdout + first.stderr
    assert "linking" in first.stdout
    logs = {log: log.stat().st_mtime_ns for log in (small.checkout / "build" / "setup").iterdir()}

    again = small.set_up()
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert {log: log.stat().st_mtime_ns for log in (small.checkout / "build" / "setup").iterdir()} == logs

    (small.checkout / "small" / "late.py").write_text("answer = 42\n")
    assert small.imports("import small.late").returncode != 0
    third = small.set_up()
    assert "linking" in third.stdout and "packages" not in third.stdout
    assert small.imports("import small.late; assert small.late.answer == 42").returncode == 0


def test_an_optional_package_that_cannot_be_had_is_skipped_with_its_reason(tmp_path: Path) -> None:
    small = Small(tmp_path, optional='"absent-package"')
    first = small.set_up()
    assert first.returncode == 0, first.stderr
    skipped = small.stamp()["skipped"]
    assert isinstance(skipped, dict) and list(skipped) == ["absent-package"]
    assert "absent-package" in skipped["absent-package"]
    again = small.set_up()
    assert again.returncode == 0
    assert [line for line in again.stdout.splitlines() if "skipped absent-package" not in line] == []


def test_a_core_package_that_cannot_be_had_ends_the_set_up_and_leaves_no_stamp(tmp_path: Path) -> None:
    small = Small(tmp_path, core='"absent-package"')
    done = small.set_up()
    assert done.returncode == 2
    assert "error: the packages could not be installed" in done.stderr and "absent-package" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (small.environment / "filmbench-setup.json").exists()


def test_without_a_network_one_sentence_says_so(tmp_path: Path) -> None:
    small = Small(tmp_path, core='"absent-package"')
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
        done = small.set_up(PIP_NO_INDEX="", PIP_INDEX_URL=nobody)
    assert done.returncode == 2
    assert "the package index cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_at_once_with_a_clear_line(tmp_path: Path) -> None:
    small = Small(tmp_path, core='"absent-package"')
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings = small.settings(PIP_NO_INDEX="", PIP_INDEX_URL=f"http://127.0.0.1:{silent.getsockname()[1]}/simple")
        process = subprocess.Popen(small.command("setup"), env=settings, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        silent.settimeout(300)
        silent.accept()  # pip now waits for an answer that does not come
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "interrupted; the same command goes on from here" in output


def test_a_half_made_environment_is_made_anew(tmp_path: Path) -> None:
    small = Small(tmp_path, core='"absent-package"')
    broken = small.checkout / ".venv"
    (broken / "bin").mkdir(parents=True)
    (broken / "bin" / "python").symlink_to("/nonexistent/python")
    settings = {name: value for name, value in small.settings().items() if name != "VIRTUAL_ENV"}
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    command = [str(base), *small.command("setup")[1:]]
    done = subprocess.run(command, env=settings, capture_output=True, text=True, timeout=900)
    assert "virtual environment" in done.stdout
    subprocess.run([broken / "bin" / "python", "-m", "pip", "--version"], check=True, capture_output=True)


def test_what_is_run_afterwards_gives_its_own_exit_code(tmp_path: Path) -> None:
    small = Small(tmp_path)
    (small.checkout / "test_small.py").write_text("def test_that_fails():\n    assert 1 == 2\n")
    done = small.set_up("test", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 1
    assert "1 failed" in done.stdout


@pytest.mark.parametrize("arguments", [(), ("install",), ("setup", "more")])
def test_a_wrong_call_prints_the_four_right_ones(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    command = [sys.executable, str(SETUP / "bootstrap.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert all(f"bootstrap.py {word}" in done.stderr for word in ("demo", "test", "check", "setup"))


def test_without_root_the_one_command_to_run_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(SETUP)
    system, console = importlib.import_module("system"), importlib.import_module("console")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(console.SetupFailed) as failed:
        system.install(["g++"], ["flite"], tmp_path / "log")
    assert "sudo apt-get install -y --no-install-recommends g++ flite" in str(failed.value)


def test_without_root_a_missing_engine_is_only_noted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(SETUP)
    system = importlib.import_module("system")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert system.install([], ["flite"], tmp_path / "log") == ["flite"]
    assert "sudo apt-get install -y --no-install-recommends flite" in capsys.readouterr().out


def test_constraints_hold_versions_only_and_every_package_that_comes_in() -> None:
    lines = (SETUP / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []
    pinned = {canonicalize_name(line.partition("==")[0]) for line in pins}
    assert len(pinned) == len(pins)
    table = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    extras = table["project"]["optional-dependencies"].values()
    wanted = [table["build-system"]["requires"], table["project"]["dependencies"], *extras]
    assert _closure([Requirement(line) for group in wanted for line in group]) - pinned == set()


def _closure(wanted: list[Requirement]) -> set[str]:
    """Names of all that ``wanted`` brings in, as far as it is installed here."""
    seen: set[tuple[str, str]] = set()
    while wanted:
        need = wanted.pop()
        for extra in ("", *need.extras):
            if (need.name, extra) in seen:
                continue
            seen.add((need.name, extra))
            with suppress(PackageNotFoundError):
                more = [Requirement(line) for line in requires(need.name) or ()]
                wanted += [r for r in more if r.marker is None or r.marker.evaluate({"extra": extra})]
    return {canonicalize_name(name) for name, _ in seen}


def test_the_first_file_can_be_read_by_the_pythons_it_must_turn_away() -> None:
    ast.parse((SETUP / "bootstrap.py").read_text(), feature_version=(3, 8))
