"""What the operating system must have, and how a Debian or Ubuntu machine gets it.

Only what is missing is named. The compiler and the venv module are needed; engines are optional: without
one, its rows are skipped with the reason; so is the browser of the tests.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from console import SetupFailed, gist, run, say

ENGINES = {
    "espeak-ng": "a formant voice in all five languages, and the phonemes for Kokoro",
    "flite": "two English voices",
    "festival": "the engine of the four voices below",
    "festvox-us-slt-hts": "English",
    "festvox-italp16k": "Italian, a woman",
    "festvox-itapc16k": "Italian, a man",
    "festvox-suopuhe-lj": "Finnish",
    "apertium": "the machine translation of the six pairs below",
    "apertium-eng-spa": "English and Spanish",
    "apertium-spa-ita": "Spanish and Italian",
    "apertium-fr-es": "French and Spanish",
    "apertium-eng-cat": "English and Catalan",
    "apertium-cat-ita": "Catalan and Italian",
    "apertium-fra-cat": "French and Catalan",
    "fluidsynth": "plays the film's music",
    "fluid-soundfont-gm": "its instruments",
    "fonts-comfortaa": "the film's titles; without it they are set in the default font",
    "libgl1": "what MediaPipe and Skia are linked with",
    "libegl1": "the same",
    "libexpat1": "the same",
}
BROWSER = {"chromium": "opens the report and the dashboard in the tests", "chromium-driver": "drives it"}


def needed() -> list[str]:
    """Debian packages without which the set-up cannot go on: the venv module and a compiler with headers.

    pesq, pyworld and pysptk are published as source only. Checked by what is there, not by package
    names, so that a Python or a compiler from elsewhere is as good as Debian's.
    """
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = []
    if importlib.util.find_spec("ensurepip") is None:
        packages.append(f"{python}-venv")
    if not (Path(sysconfig.get_path("include")) / "Python.h").is_file():
        packages.append(f"{python}-dev")
    if shutil.which("gcc") is None or shutil.which("g++") is None:
        packages.append("g++")
    return packages


def missing_optional(tests: bool) -> list[str]:
    """The engines, and for the tests the browser, that are not installed; empty without a dpkg to ask."""
    wanted = [*ENGINES, *(BROWSER if tests else ())]
    if shutil.which("dpkg-query") is None:
        return []
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *wanted],
        capture_output=True,
        text=True,
        check=False,
    )
    installed = {line.split()[0] for line in answer.stdout.splitlines() if line.endswith(" installed")}
    return [package for package in wanted if package not in installed]


def install(required: list[str], optional: list[str], log: Path) -> list[str]:
    """Install Debian packages. Returns the optional ones that could not be had.

    As root, apt does it. Otherwise a missing required package ends the set-up with the one command to
    run, and missing optional ones are noted. Raises :class:`SetupFailed`.
    """
    wanted = [*required, *optional]
    if not wanted:
        return []
    command = f"apt-get install -y --no-install-recommends {' '.join(wanted)}"
    if shutil.which("apt-get") is None:
        if required:
            raise SetupFailed(f"this machine lacks what Debian calls {', '.join(required)}; install it, then try again")
        return optional
    if os.geteuid() != 0:
        if required:
            raise SetupFailed(f"some system packages are missing; run this, then try again:\n  sudo {command}")
        say(f"without {', '.join(optional)} some voices or tests are skipped; to have them: sudo {command}")
        return optional
    return _apt(required, optional, log)


def _apt(required: list[str], optional: list[str], log: Path) -> list[str]:
    title = f"Debian packages: {' '.join((*required, *optional))}"
    if _apt_get(title, ["install", *required, *optional], log) is None:
        return []
    _apt_get("Debian package lists: refreshing", ["update"], log)
    if _apt_get(title, ["install", *required, *optional], log) is None:
        return []
    if required and (output := _apt_get(f"Debian packages: {' '.join(required)}", ["install", *required], log)):
        raise SetupFailed(f"apt-get could not install {' '.join(required)}: {gist(output)}")
    return list(_refused(optional, log))


def _refused(packages: list[str], log: Path) -> Iterable[str]:
    for package in packages:
        if output := _apt_get(f"Debian package: {package}", ["install", package], log):
            say(f"  skipped: {gist(output, lines=1)}")
            yield package


def _apt_get(title: str, arguments: list[str], log: Path) -> str | None:
    options = ["-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return run(title, ["apt-get", *options, *arguments], log, quiet)
