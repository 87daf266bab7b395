"""ElevenLabs voice isolator: speech without what sounds behind it.

Contract: the package ``elevenlabs`` 2.78 (``audio_isolation.convert``, ``POST /v1/audio-isolation``): the recording
goes in one form, MP3 comes back as a stream. Limits: 500 MB and one hour (a reseller's page). The answer carries no
bill: counted are the minutes of the recording.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

from filmbench.adapters import elevenlabs
from filmbench.adapters._failures import Meaning
from filmbench.adapters._http import HttpError, asking, base_url, receive
from filmbench.adapters._vendor import NO_LENGTH, Vendor, minutes
from filmbench.harness.protocols import Media, OneCall, Prepared, ProviderSpec, Refusal, Sink
from filmbench.harness.types import Json, Quote, Request, Usage

MOST_BYTES = 500 * 10**6
MOST_SECONDS = 3600
_KINDS = {"audio/wav": "wav", "audio/mpeg": "mp3", "audio/flac": "flac", "audio/ogg": "ogg", "audio/mp4": "m4a"}


class Isolator(Vendor, OneCall):
    """The one model there is."""

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """Minutes of the recording."""
        seconds = self.seconds(request, "sound")
        if seconds is None:
            return Quote(NO_LENGTH, NO_LENGTH)
        return Quote(minutes(seconds, "length of the sound"), minutes(seconds + 1, "length, rounded up"))

    async def prepare(self, request: Request, media: Media) -> Prepared:
        """Check the recording, the address and the key. Raises :class:`Refusal`."""
        sound = self.input(request, "sound", tuple(_KINDS), MOST_BYTES)
        seconds = self.seconds(request, "sound")
        if seconds is not None and seconds > MOST_SECONDS:
            raise Refusal(f"{self.spec.id} takes at most {MOST_SECONDS} s, the sound has {seconds}")
        url = base_url(self.spec, request.endpoint)
        await self.client(url)
        file: list[Json] = [f"sound.{_KINDS[sound.media_type]}", str(media.path(sound)), sound.media_type]
        return Prepared({"url": url, "file": file, "seconds": None if seconds is None else str(seconds)})

    async def generate(self, prepared: Prepared, sink: Sink) -> Usage | None:
        """One POST, its answer streamed."""
        asked: dict[str, Any] = dict(prepared.payload)
        name, path, media_type = asked["file"]
        client = await self.client(asked["url"])
        with await asyncio.to_thread(Path(path).open, "rb") as file:
            async with AsyncExitStack() as stack:
                with asking(self.key()):
                    call = client.audio_isolation.with_raw_response.convert(
                        audio=(name, file, media_type), request_options={**elevenlabs.ONCE, "chunk_size": None}
                    )
                    answer = await stack.enter_async_context(call)
                async with sink("sound", "audio/mpeg") as writer:
                    await receive(writer, answer.data)
        if asked["seconds"] is None:
            return None
        return minutes(Decimal(asked["seconds"]), "length of the sound: the answer carries no bill")

    async def connect(self, url: str, key: str, environment: bool) -> tuple[Any, Callable[[], Awaitable[None]]]:
        """The SDK's client over aiohttp; no redirects, no retries."""
        return await asyncio.to_thread(elevenlabs.sdk, url, key, environment)

    def meaning(self, error: HttpError) -> Meaning | None:
        """By the code under ``detail``."""
        return elevenlabs.by_code(error)


PROVIDERS = (
    Isolator(
        ProviderSpec(
            id="elevenlabs/voice-isolator",
            contracts=("editing/denoise-sound",),
            title="ElevenLabs Voice Isolator",
            revision="1",
            licence="ElevenLabs terms of service; commercial use needs a paid plan",
            requires=(elevenlabs.KEY, *elevenlabs.PACKAGES),
            streams=True,
            concurrency=3,
            default_endpoint=elevenlabs.URL,
        )
    ),
)
