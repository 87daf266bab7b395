"""The floor of dubbing: the translation spoken at the voice's own speed from the first moment on, over nothing.

The words are right, so it wins on words; it keeps neither the time nor the scene. The human translation is
spoken, in the voice of ``local/dub-chain``; the picture stays, and the sound is as long as it happens to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from filmbench.adapters.local import _speech as speech
from filmbench.adapters.local import _voices as voices
from filmbench.adapters.local.dub_chain import TEXT, languages, opened, written, written_translation
from filmbench.harness.protocols import LocalEngine, Media, ProviderSpec
from filmbench.harness.types import Request


class UnalignedSpeech(LocalEngine):
    """Speech from zero, without the source's time or sound."""

    spec = ProviderSpec(
        id="local/floor-dubbing",
        contracts=("dubbing",),
        title="Unaligned speech",
        revision="1",
        licence="the dataset's, and the voices' own",
        languages=frozenset(voices.VOICES),
        params={"voice": voices.VOICE},
        requires=voices.REQUIRES,
        role="floor",
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """What the voices depend on."""
        return {"engine": speech.package_version("soxr"), **voices.identities()}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """The translation, spoken."""
        languages(request.sample)
        text = " ".join(written_translation(request.sample).split())
        source = opened(request, media)
        samples, rate = voices.Speaker(request, folder).say(text)
        spoken = replace(source, rate=rate)
        script = folder / "script.txt"
        script.write_text(text + "\n", encoding="utf-8")
        return {
            "dubbed": written(spoken, samples[:, None], folder, "machine-made speech; translation given by the sample"),
            "script": (script, TEXT),
        }


PROVIDERS = (UnalignedSpeech(),)
