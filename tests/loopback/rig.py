"""For tests of vendor adapters: cases of adapter and loopback server, and a sink that notes when bytes came."""

from __future__ import annotations

import asyncio
import hashlib
import io
import time
from collections.abc import Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filmbench.adapters import (
    cartesia,
    deepdub,
    elevenlabs,
    google_images,
    openai,
    openai_images,
    stability,
    typecast,
)
from filmbench.harness.types import Arm, Artifact, Consent, Request, Sample, Usage
from loopback import audio, google, pictures
from loopback import cartesia as loopback_cartesia
from loopback import deepdub as loopback_deepdub
from loopback import elevenlabs as loopback_elevenlabs
from loopback import openai as loopback_openai
from loopback import typecast as loopback_typecast
from loopback.server import Vendor, running

LINE = "Nobody leaves this room until the money is on the table."


@dataclass
class Received:
    """One artifact as the sink got it. ``arrivals`` are seconds since the request was sent."""

    role: str
    media_type: str
    content: bytes = b""
    arrivals: list[float] = field(default_factory=list)
    whole: bool = False
    started: float = 0.0

    async def write(self, chunk: bytes) -> None:
        self.arrivals.append(time.perf_counter() - self.started)
        self.content += chunk


class Sink:
    """Keeps what a provider hands over; an artifact is whole when its block ended well."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.started = time.perf_counter()

    @asynccontextmanager
    async def __call__(self, role: str, media_type: str):
        one = Received(role, media_type, started=self.started)
        self.received.append(one)
        yield one
        one.whole = True


@dataclass(frozen=True)
class Files:
    """The engine's media look-up, for tests."""

    paths: dict[str, Path]

    def path(self, artifact: Artifact) -> Path:
        return self.paths[artifact.sha256]


@dataclass(frozen=True)
class Case:
    """One vendor: its providers, its loopback server, the variable of its key."""

    name: str
    providers: tuple[Any, ...]
    server: type[Vendor]
    key: str

    def provider(self, model: str | None = None) -> Any:
        return next(one for one in self.providers if model in (None, one.model))


CASES = (
    Case("elevenlabs", elevenlabs.PROVIDERS, loopback_elevenlabs.ElevenLabs, "ELEVENLABS_API_KEY"),
    Case("typecast", typecast.PROVIDERS, loopback_typecast.Typecast, "TYPECAST_API_KEY"),
    Case("openai", openai.PROVIDERS, loopback_openai.OpenAI, "OPENAI_API_KEY"),
    Case("cartesia", cartesia.PROVIDERS, loopback_cartesia.Cartesia, "CARTESIA_API_KEY"),
    Case("deepdub", deepdub.PROVIDERS, loopback_deepdub.Deepdub, "DEEPDUB_API_KEY"),
)
PICTURES = (
    Case("openai", openai_images.PROVIDERS, pictures.OpenAIPictures, "OPENAI_API_KEY"),
    Case("stability", stability.PROVIDERS, pictures.Stability, "STABILITY_API_KEY"),
    Case("google", google_images.PROVIDERS, google.GeminiPictures, "GEMINI_API_KEY"),
)


def request_for(provider: Any, url: str | None, text: str = LINE, language: str | None = "en", **more: Any) -> Request:
    """A request as the plan makes it. ``more``: params, inputs, consent."""
    inputs = {"text": text, **more.get("inputs", {})}
    sample = Sample("s1", "test", inputs, language=language, consent=more.get("consent"))
    arm = Arm(provider.spec.id, "arm", more.get("params", {}))
    return Request("tts", sample, arm, {"adapter": provider.spec.revision}, url)


@dataclass
class Outcome:
    """What one call gave: the speech or the error, and the bill."""

    speech: Received | None
    usage: Usage | None
    error: BaseException | None
    seconds: float


async def ask(provider: Any, request: Request, media: Files | None = None, patience: float = 20.0) -> Outcome:
    """Prepare, submit and fetch one request as the engine does; an error is kept, not raised."""
    prepared = await provider.prepare(request, media)
    sink = Sink()
    usage = error = None
    try:
        async with asyncio.timeout(patience):
            usage = await provider.fetch(await provider.submit(prepared), sink)
    except Exception as caught:  # noqa: BLE001 - the tests look at it
        error = caught
    whole = [one for one in sink.received if one.whole]
    return Outcome(whole[0] if whole else None, usage, error, time.perf_counter() - sink.started)


def with_server(
    case: Case, work: Callable[[Any, Any], Coroutine[Any, Any, Any]], model: str | None = None, **options: Any
) -> Any:
    """Run ``work(provider, server)`` against a fresh loopback server and close everything."""

    async def session() -> Any:
        provider = case.provider(model)
        async with running(case.server(**options)) as server:
            try:
                return await work(provider, server)
            finally:
                await provider.aclose()

    return asyncio.run(session())


def decoded_seconds(content: bytes) -> float:
    """Length of the audio that really decodes."""
    import av

    with av.open(io.BytesIO(content)) as source:
        stream = source.streams.audio[0]
        return sum(frame.samples for frame in source.decode(stream)) / stream.rate


def recording(folder: Path) -> tuple[Artifact, Files]:
    """A voice sample on disk, spoken by espeak-ng."""
    content = audio.speak("This is my own voice, recorded for a test.", "wav", 22050)
    path = folder / "voice.wav"
    path.write_bytes(content)
    artifact = Artifact(hashlib.sha256(content).hexdigest(), "audio/wav", len(content))
    return artifact, Files({artifact.sha256: path})


CONSENT = Consent("Test Speaker", "a synthetic voice, nobody's own")
