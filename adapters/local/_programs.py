"""Running speech programs: never through a shell, text never as an argument, the environment kept small.

Programs under the GPL are only ever run, never linked or imported.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from filmbench.harness.protocols import Requirement
from filmbench.harness.types import UsageError

TIMEOUT = 120.0
_KEPT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")


def program(name: str, package: str | None = None) -> Requirement:
    """The requirement of a program, and the Debian package that brings it."""
    return Requirement("program", name, f"apt-get install {package or name}")


def debian(package: str) -> Requirement:
    """The requirement of a Debian package that holds no program, a voice say."""
    return Requirement("debian", package, f"apt-get install {package}")


def located(need: Requirement) -> str:
    """The program's full path. Raises :class:`UsageError` with the remedy when it is missing."""
    found = shutil.which(need.name)
    if found is None:
        raise UsageError(f"the program {need.name} is not installed", need.remedy)
    return found


def environment() -> dict[str, str]:
    """What a program is told: where programs lie, UTF-8, and no home, so that no setting of the user's counts."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {
        "LC_ALL": "C.UTF-8",
        "HOME": "/nonexistent",
    }


def run(need: Requirement, arguments: list[str], folder: Path, text: str = "", timeout: float = TIMEOUT) -> str:
    """Run a program in ``folder`` with ``text`` on its standard input; what it printed.

    Raises :class:`UsageError` when it is missing, ``TimeoutError`` and ``RuntimeError`` when it fails.
    """
    try:
        done = subprocess.run(
            [located(need), *arguments],
            input=text.encode(),
            capture_output=True,
            cwd=folder,
            env=environment(),
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"{need.name} took longer than {timeout:g} s") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise RuntimeError(f"{need.name} failed ({done.returncode}): {said[-1][:200] if said else 'it said nothing'}")
    return done.stdout.decode(errors="replace")


@cache
def version(need: Requirement, pattern: str) -> str:
    """The program's name and version: what ``pattern`` captures of its answer to ``--version``.

    flite answers with exit code 1, so the code is not looked at. Raises :class:`UsageError` when it is missing.
    """
    done = subprocess.run(
        [located(need), "--version"], capture_output=True, text=True, timeout=TIMEOUT, env=environment(), check=False
    )
    found = re.search(pattern, done.stdout + done.stderr)
    if found is None:
        raise UsageError(f"{need.name} does not tell its version", f"re-install it: {need.remedy}")
    return f"{need.name} {found[1]}"


@cache
def debian_version(package: str) -> str | None:
    """The installed version of a Debian package; ``None`` where it, or Debian itself, is missing."""
    if shutil.which("dpkg-query") is None:
        return None
    asked = ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", package]
    status, _, version = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.partition(" ")
    return version if status == "installed" else None
