"""Runway's tools: speech in another language, speech without its noise, pictures of places.

Paths: ``POST /v1/voice_dubbing``, ``/v1/voice_isolation``, ``/v1/text_to_image``; the rest in
:mod:`filmbench.adapters._runway`. Dubbing takes sound alone, no film. Prices: one credit for two seconds of dubbing and
for six of isolation (``runwayml/skills``), five or eight for a picture (litellm's map and api-evangelist, citing the
vendor's page). Act-Two gives a film where motion capture asks for joints, and no contract asks for a larger film: both
are left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from filmbench.adapters import _runway as runway
from filmbench.adapters._asked import fitting, painted, size
from filmbench.adapters._vendor import present
from filmbench.harness.protocols import Media, Param, Refusal
from filmbench.harness.types import Json, Quote, Request

_SOUNDS = {"audio/mpeg": "mp3", "audio/wav": "wav", "audio/flac": "flac"}
_CODES = "ar bg cs da de el en es fi fil fr hi hr id it ja ko ms nl pl pt ro ru sk sv ta tr uk zh"
LANGUAGES = frozenset(_CODES.split())
_720P = ("1280:720", "720:1280", "720:720", "960:720", "720:960", "1680:720")
_LARGER = (
    *("1024:1024", "1080:1080", "1168:880", "1360:768", "1440:1080", "1080:1440"),
    *("1808:768", "1920:1080", "1080:1920", "2112:912"),
)


class Voice(runway.Runway):
    """A recording of speech made over: ``role`` holds it, ``a_credit`` seconds of it cost a credit."""

    role: str
    a_credit: int

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """The recording's length; a credit is spare, should the result come out longer."""
        length = self.seconds(request, self.role)
        price = None if length is None else max(1, math.ceil(length / self.a_credit))
        return runway.credits(price, "length of the recording", spare=1)

    def submission(self, body: Mapping[str, Any]) -> str:
        """The path is the tool's name."""
        return f"/v1/{self.model}"

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the POST; the vendor calls the model behind a tool by another name."""
        recording = self.input(request, self.role, tuple(_SOUNDS), runway.MOST_BYTES)
        place = await self.sent(recording, media, url, _SOUNDS[recording.media_type])
        return {"model": f"eleven_{self.model}", "audioUri": place}, ()


class Dubbing(Voice):
    """Speech in another language, in the speaker's own voice."""

    role = "source"
    a_credit = 2
    makes = ("dubbed", "audio/mpeg")

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the POST."""
        language = request.sample.language
        if language not in LANGUAGES:
            raise Refusal(f"{self.spec.id} does not speak {language!r}")
        body, resources = await super().payload(request, media, url)
        more = present(
            numSpeakers=self.param(request, "speakers"),
            disableVoiceCloning=self.param(request, "disable_voice_cloning"),
            dropBackgroundAudio=self.param(request, "drop_background"),
        )
        return {**body, "targetLang": language, **more}, resources


class Isolation(Voice):
    """Speech without its noise."""

    role = "sound"
    a_credit = 6
    makes = ("sound", "audio/mpeg")


class Picture(runway.Runway):
    """A picture from words."""

    makes = ("image", "image/png")

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """One picture of the size that will be asked for."""
        return runway.credits(5 if self._ratio(request) in _720P else 8, "one picture")

    def submission(self, body: Mapping[str, Any]) -> str:
        """The path of the paid POST."""
        return "/v1/text_to_image"

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the POST."""
        words = self.fitting(painted(request), "prompt")
        body: dict[str, Json] = {"model": self.model, "promptText": words, "ratio": self._ratio(request)}
        return body | present(seed=self.param(request, "seed")), ()

    def _ratio(self, request: Request) -> str:
        return fitting(size(request), (*_720P, *_LARGER))


_DUBBING = {
    "speakers": Param("int", "how many people speak; found where it is not said"),
    "disable_voice_cloning": Param("bool", "speak with a voice of the vendor's"),
    "drop_background": Param("bool", "leave music and effects out"),
}
PROVIDERS = (
    Dubbing(runway.spec("voice_dubbing", "voice dubbing, sound only", "dubbing", _DUBBING, LANGUAGES)),
    Isolation(runway.spec("voice_isolation", "voice isolation", "editing/denoise-sound", {})),
    Picture(runway.spec("gen4_image", "Gen-4 Image", "background", {"seed": runway.SEED})),
)
