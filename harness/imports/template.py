"""The folder that tells a person what to make: a sheet to fill in, and for each sample what it is made from.

README.md         what to do, in plain words
manifest.csv      a line a take, to be opened in a spreadsheet
<sample>/given/   the inputs: prompts as text files, films and pictures as they are
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from filmbench.harness.contracts import Contract, Role
from filmbench.harness.imports import worksheet
from filmbench.harness.imports.matching import GIVEN, README
from filmbench.harness.media.names import SEQUENCES, suffix, suffixes
from filmbench.harness.plan import PlannedTask
from filmbench.harness.types import Artifact, Sample, UsageError, digest


@dataclass(frozen=True, slots=True)
class _Given:
    """One input as it lies in the folder, and what is to be told of it."""

    place: str
    meaning: str
    facts: str


def write(tasks: Sequence[PlannedTask], suite: str, folder: Path) -> int:
    """Write the template for ``tasks`` of one contract; how many samples it asks for.

    Raises :class:`UsageError` for a folder that holds something, and for a sample whose name leads out of it.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there already and not empty", "choose another with -o")
    contract, takes = tasks[0].contract, max(task.takes for task in tasks)
    media = {sha: path for task in tasks for sha, path in task.dataset.media.items()}
    samples = list({sample.id: sample for task in tasks for sample in task.samples}.values())
    for sample in samples:
        if PurePosixPath(sample.id).is_absolute() or ".." in PurePosixPath(sample.id).parts:
            raise UsageError(f"the sample {sample.id!r} cannot be a folder", "name it without ..")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        given = {sample.id: list(_give(sample, contract, media, folder)) for sample in samples}
        _sheet(folder / worksheet.NAME, samples, takes)
        text = "\n".join(_readme(tasks, suite, samples, given))
        (folder / README).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror or error}", "choose another with -o") from None
    return len(samples)


def _give(sample: Sample, contract: Contract, media: Any, folder: Path) -> Iterator[_Given]:
    """Put the inputs of ``sample`` beside it."""
    place = folder / sample.id / GIVEN
    place.mkdir(parents=True)
    for role in contract.inputs:
        value = sample.inputs.get(role.name)
        if isinstance(value, str):
            file = place / f"{role.name}.txt"
            file.write_text(value + "\n", encoding="utf-8")
            yield _Given(file.name, role.meaning, value if len(value) <= 60 else f"{value[:59]}…")
        elif value is not None:
            many = (value,) if isinstance(value, Artifact) else value
            for number, artifact in enumerate(many, start=1):
                file = place / f"{role.name}{f'-{number}' if len(many) > 1 else ''}{suffix(artifact.media_type)}"
                shutil.copyfile(media[artifact.sha256], file)
                yield _Given(file.name, role.meaning, _told(file, role))


def _told(file: Path, role: Role) -> str:
    """Size, rate and length of an input, as a maker needs them."""
    from filmbench.harness.media.probe import facts

    found = facts(file, role.kind)
    parts = []
    if "width" in found:
        parts.append(f"{found['width']}×{found['height']}")
    if "frames" in found:
        parts.append(f"{found['frames']} frames at {found['fps']:g} a second")
    elif "rate" in found:
        parts.append(f"{found['rate']} Hz")
    if "seconds" in found:
        parts.append(f"{found['seconds']:.2f} s")
    return ", ".join(parts)


def _sheet(file: Path, samples: Sequence[Sample], takes: int) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as stream:  # with its mark, which Excel needs for UTF-8
        sheet = csv.DictWriter(stream, list(worksheet.COLUMNS))
        sheet.writeheader()
        for sample in samples:
            for take in range(1, takes + 1):
                sheet.writerow({"sample": sample.id, "take": take, "source_sha256": digest(sample.content())})


def _readme(tasks: Sequence[PlannedTask], suite: str, samples: Sequence[Sample], given: Any) -> Iterator[str]:
    contract = tasks[0].contract
    example, main = samples[0].id, next(role for role in contract.outputs if role.required)
    ending = _endings(contract, main)[0]
    yield f"# {contract.title}: what to make\n"
    yield (
        f"There are {len(samples)} samples. Each has a folder; what you are given lies in `{GIVEN}` there. Make the "
        "following from it, in any tool, and put your files beside that folder.\n"
    )
    yield "| make | what it is | as a file | needed |\n|---|---|---|---|"
    for role in contract.outputs:
        endings = ", ".join(f"`{one}`" for one in _endings(contract, role))
        yield f"| {role.name} | {_cell(role.meaning)} | {endings} | {'yes' if role.required else 'if you can'} |"
    yield "\n## Names\n"
    yield f"- `{example}/{main.name}{ending}`, or simply `{example}{ending}`"
    yield f"- another take of the same sample: `{example}/{main.name}.2{ending}`"
    for role in contract.outputs:
        if role.kind == "matte":
            yield (
                f"- a {role.name} may also be numbered pictures ({' or '.join(SEQUENCES)}) in a folder: "
                f"`{example}/{role.name}/0001.png`; one a frame, white or opaque is kept"
            )
        elif role.many:
            yield f"- {role.name}, in order, in a folder: `{example}/{role.name}/1{_endings(contract, role)[0]}`"
    yield from _exchange(contract)
    yield f"\n## Size and length\n\n{_rule(contract)} Sound and pictures start together with what you were given.\n"
    yield "| sample | given | which is | size, length or text |\n|---|---|---|---|"
    for sample in samples:
        for one in given[sample.id]:
            yield f"| {sample.id} | `{sample.id}/{GIVEN}/{one.place}` | {_cell(one.meaning)} | {_cell(one.facts)} |"
    yield f"\n## The sheet `{worksheet.NAME}`\n"
    yield "Open it in a spreadsheet and write down what you know; leave empty what you do not know. Save it as CSV.\n"
    yield from (f"- **{name}**: {meaning}" for name, meaning in worksheet.COLUMNS.items())
    yield "\nA sample for which no file comes counts as *not supplied*.\n\n## When you are done\n"
    yield f'    filmbench import THIS_FOLDER --as "Tool and version" --suite {suite} --contract {contract.id}\n'
    yield "## Rights of what you were given\n"
    yield from dict.fromkeys(f"- {task.dataset.title}: {task.dataset.licence}" for task in tasks)
    yield ""


def _exchange(contract: Contract) -> Iterator[str]:
    """What may stand for the thing itself."""
    match contract.id:
        case "editing/cut":
            yield (
                "- a timeline (`.otio`, `.aaf`, `.fcpxml` or Final Cut Pro 7's `.xml`) or an EDL (CMX 3600, `.edl`) "
                "may come instead: filmbench then makes the cut"
            )
        case "editing/colour":
            yield "- a look (`.cube`) may come instead of the film: filmbench then applies it to the shot"
        case "mocap" | "editing/cg-character":
            yield (
                "- a BVH or a USD with its skeleton (`.usda`, `.usdc`) will do: its joints are read from it. How its "
                "axes lie to the camera is not known then, so measures of heading stay empty; joints in the world of "
                "`camera.json` have them all"
            )


def _rule(contract: Contract) -> str:
    names = {role.name for role in contract.inputs}
    if "size" in names:
        return "The text files say how large, and how long where it is film."
    if any(role.kind in ("video", "clip", "audio") for role in contract.inputs):
        return (
            "As large, as long and with as many frames a second as what you were given, unless the task is to cut it."
        )
    return "Your choice."


def _endings(contract: Contract, role: Role) -> tuple[str, ...]:
    return suffixes(contract.id, role.name, role.kind)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("``", "`").replace("\n", " ")
