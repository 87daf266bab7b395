"""Files out of Debian packages, without root: ``apt-get download``, then ``dpkg-deb --extract``.

A package is opened when its bytes are the pinned ones or when apt, which checks the archive's signature,
has brought it (Ubuntu builds the same source again, to other bytes). What is used of it is pinned file by
file by the recipe. A folder of .deb files named by ``FILMBENCH_PACKAGES`` serves machines without network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filmbench.harness.dataset.filehash import sha256_of
from filmbench.harness.types import UsageError

DOWNLOAD_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Package:
    """One binary package of one version. ``sha256`` is that of Debian's own build."""

    name: str
    version: str
    sha256: str

    @property
    def filename(self) -> str:
        """How apt names the file (all packages used here are architecture-independent)."""
        return f"{self.name}_{self.version}_all.deb"


def extract(packages: list[Package], target: Path, progress: Callable[[str], None]) -> None:
    """Unpack the data of ``packages`` below ``target``. Raises :class:`UsageError` with the next step."""
    if not shutil.which("dpkg-deb"):
        raise UsageError("dpkg-deb is needed to unpack Debian packages, and is not on this machine", _ELSEWHERE)
    downloads = target / "packages"
    downloads.mkdir(parents=True)
    for package in packages:
        progress(package.name)
        file = _own(package) or _download(package, downloads)
        _run(["dpkg-deb", "--extract", str(file), str(target)], f"{file} cannot be unpacked", "fetch it again")
    shutil.rmtree(downloads)


_ELSEWHERE = (
    "run the same command on a Debian or Ubuntu machine and copy its folder ~/.cache/filmbench/datasets to this one"
)


def _own(package: Package) -> Path | None:
    folder = os.environ.get("FILMBENCH_PACKAGES")
    file = Path(folder) / package.filename if folder else None
    if file is None or not file.is_file():
        return None
    if sha256_of(file) != package.sha256:
        raise UsageError(f"{file} is not the pinned package (sha256 {package.sha256})", "download it again from Debian")
    return file


def _download(package: Package, folder: Path) -> Path:
    if not shutil.which("apt-get"):
        raise UsageError(f"apt-get is needed to download {package.name}, and is not on this machine", _ELSEWHERE)
    _run(
        ["apt-get", "--quiet", "download", f"{package.name}={package.version}"],
        f"apt cannot bring {package.name} {package.version}",
        f"as root: apt-get update; or put {package.filename} into a folder and set FILMBENCH_PACKAGES to it",
        cwd=folder,
    )
    return folder / package.filename


def _run(command: list[str], failure: str, hint: str, cwd: Path | None = None) -> None:
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"{failure}: no answer in {DOWNLOAD_SECONDS} s", hint) from None
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith(("E:", "dpkg-deb: error"))]
        raise UsageError(f"{failure}: {' '.join(errors) or done.stderr.strip()}", hint)
