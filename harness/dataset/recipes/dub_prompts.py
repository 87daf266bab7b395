"""The recipe of ``dub-prompts``: the human prompts again, in pairs of one language and another.

The recordings are those of ``human-prompts``, made by its own recipe under its own pins.
"""

from __future__ import annotations

from collections.abc import Iterator

from filmbench.harness.dataset.manifest import Manifest, read_manifest
from filmbench.harness.dataset.recipes import human_prompts
from filmbench.harness.dataset.recipes.content import Content, Progress
from filmbench.harness.types import Artifact, Sample

PROMPTS = "human-prompts"


def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]:
    """Every prompt from the one language of each of the manifest's ``pairs`` to the other."""
    prompts = read_manifest(manifest.folder.parent / PROMPTS)
    readings = {sample.id: sample for sample in human_prompts.build(prompts, content, progress)}
    ids = sorted({str(reading.cluster) for reading in readings.values()})
    for source, target in (manifest.recipe or {})["pairs"]:
        for id in ids:
            yield _pair(readings[f"{source}/{id}"], readings[f"{target}/{id}"], manifest)


def _pair(source: Sample, target: Sample, manifest: Manifest) -> Sample:
    (speaker,), (other,) = (_speakers(reading) for reading in (source, target))
    return Sample(
        id=f"{source.language}-{target.language}/{source.cluster}",
        dataset=f"{manifest.name}@{manifest.version}",
        inputs={
            "source": _speech(source),
            "source_language": str(source.language),
            "translation": target.text(),
        },
        references={"dubbed": _speech(target), "translation": target.text(), "transcript": source.text()},
        language=target.language,
        cluster=source.cluster,
        tags=frozenset({"prompt", f"from-{source.language}", *({"same-speaker"} if speaker == other else ())}),
    )


def _speakers(reading: Sample) -> list[str]:
    return [tag for tag in reading.tags if tag.startswith("speaker-")]


def _speech(reading: Sample) -> Artifact:
    speech = reading.references["speech"]
    assert isinstance(speech, Artifact)
    return speech
