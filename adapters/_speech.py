"""What the text-to-speech vendors have in common: limits before paying, what is counted, PCM as WAV."""

from __future__ import annotations

import struct
from abc import abstractmethod
from collections.abc import AsyncIterator
from decimal import Decimal

from filmbench.adapters._failures import Meaning
from filmbench.adapters._http import HttpError, base_url
from filmbench.adapters._vendor import Vendor
from filmbench.harness.protocols import Media, OneCall, Prepared, Refusal
from filmbench.harness.types import Json, Outcome, Quote, Request, Usage


class SpeechVendor(Vendor, OneCall):
    """One speech model of one vendor; ``clones`` says that it takes a voice sample.

    A vendor writes ``connect``, ``payload`` and ``generate``.
    """

    clones = False

    def spoken(self, request: Request) -> str:
        """The text that is sent, and counted by the vendor."""
        return request.sample.text()

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """The characters of the text: these vendors bill what is sent, so the most is what is expected."""
        used = Usage({"character": Decimal(len(self.spoken(request)))}, "text length")
        return Quote(used, used)

    async def prepare(self, request: Request, media: Media) -> Prepared:
        """Check text, address and key, and build the body.

        Raises :class:`Refusal`, and :class:`UsageError` for a missing key or a forbidden address.
        """
        if not request.sample.text().strip():
            raise Refusal("the text is empty", Outcome.INVALID)
        text = self.spoken(request)
        if self.spec.max_characters and len(text) > self.spec.max_characters:
            at_most = f"{self.spec.id} takes at most {self.spec.max_characters} characters"
            raise Refusal(f"{at_most}, the text has {len(text)}")
        if "voice_sample" in request.sample.inputs and not self.clones:
            raise Refusal(f"{self.spec.id} cannot clone a voice here")
        url = base_url(self.spec, request.endpoint)
        await self.client(url)
        body, resources = await self.payload(request, media, url)
        return Prepared({"url": url, **body}, resources)

    @abstractmethod
    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """What ``generate`` will send, and the resources made for it at the vendor."""


def missing_voice(error: HttpError) -> Meaning | None:
    """For vendors that answer 404 to a voice that does not exist, as to a model that is gone: the words tell."""
    return "input" if error.status == 404 and "voice" in error.body.lower() else None


async def wav_of_pcm(chunks: AsyncIterator[bytes], rate: int) -> AsyncIterator[bytes]:
    """Mono 16-bit little-endian PCM as a WAV stream; the header goes out with the first chunk.

    The length is not known yet, so the sizes are 0xFFFFFFFF, which readers (libsndfile, FFmpeg) take as
    "to the end of the file"; it is what vendors send themselves when they stream WAV.
    """
    unknown = 0xFFFFFFFF
    layout = struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * 2, 2, 16)
    head = b"RIFF" + struct.pack("<I", unknown) + b"WAVEfmt " + layout + b"data" + struct.pack("<I", unknown)
    async for chunk in chunks:
        yield head + chunk
        head = b""
