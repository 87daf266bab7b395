"""The human reading of each line, as a row of the table: how well a person does on the same measures."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from filmbench.harness.protocols import LocalEngine, Media, ProviderSpec, Refusal
from filmbench.harness.types import Artifact, Request, Sample

_SUFFIXES = {"audio/wav": ".wav", "audio/flac": ".flac", "audio/mpeg": ".mp3"}


def recording(sample: Sample) -> Artifact | None:
    """The human reading that the sample carries, or ``None``."""
    found = sample.references.get("speech")
    return found if isinstance(found, Artifact) else None


class Reference(LocalEngine):
    """Hands out the sample's own recording, byte for byte. A sample without one is ``unsupported``."""

    spec = ProviderSpec(
        id="local/reference",
        contracts=("tts",),
        title="Human reference",
        revision="1",
        licence="the dataset's",
        role="reference",
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Nothing but the recording decides what comes out."""
        return {}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Copy the recording. Raises :class:`Refusal` where there is none."""
        found = recording(request.sample)
        if found is None:
            raise Refusal("no human reference")
        copy = folder / f"speech{_SUFFIXES.get(found.media_type, '')}"
        shutil.copyfile(media.path(found), copy)
        return {"speech": (copy, found.media_type)}


PROVIDERS = (Reference(),)
