"""Runway: film from words or a first frame (its own models and those it sells), and a shot changed by words (Aleph 2).

Paths: ``POST /v1/text_to_video``, ``/v1/image_to_video``, ``/v1/video_to_video``; the rest in
:mod:`filmbench.adapters._runway`. Lengths, ratios and prompts as the API's description of 2026-08-08 has them. Offered
are the sizes whose price of a second is known: by litellm's map (2026-11), citing the vendor's page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from filmbench.adapters import _runway as runway
from filmbench.adapters._asked import fitting, size, whole_seconds
from filmbench.adapters._film import MATROSKA
from filmbench.adapters._vendor import present
from filmbench.harness.protocols import Media, Param, Refusal
from filmbench.harness.types import Json, Quote, Request

MOST_SHOT_SECONDS = 30
_IMAGES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
_FILMS = {"video/mp4": "mp4", "video/webm": "webm", MATROSKA: "mp4"}

_WIDE = ("1280:720", "720:1280")
_OWN = (*_WIDE, "1104:832", "832:1104", "960:960", "1584:672")
_HD = (*_WIDE, "1920:1080", "1080:1920")
_720P = (*_WIDE, "1470:630", "1112:834", "960:960", "834:1112")
_1080P = ("2206:946", "1920:1080", "1664:1248", "1440:1440", "1248:1664", "1080:1920")
_4K = ("3840:1646", "3840:2160", "3840:2880", "3840:3840", "2880:3840", "2160:3840")


@dataclass(frozen=True, slots=True)
class Film:
    """What a model of film offers: credits a second by ratio, lengths in seconds, units of the prompt."""

    title: str
    credits: Mapping[str, int]
    seconds: tuple[int, ...]
    characters: int = runway.MOST_PROMPT
    from_words: tuple[str, ...] = ()
    seeded: bool = False
    silent: bool = False


def _at(credits: int, ratios: tuple[str, ...]) -> dict[str, int]:
    return dict.fromkeys(ratios, credits)


_SEEDANCE_2 = _at(36, _720P) | _at(40, _1080P) | _at(150, _4K)
FILMS = {
    "gen4.5": Film("Gen-4.5", _at(12, _OWN), tuple(range(2, 11)), from_words=_WIDE, seeded=True, silent=True),
    "gen4_turbo": Film("Gen-4 Turbo", _at(5, _OWN), tuple(range(2, 11)), seeded=True, silent=True),
    "veo3.1": Film("Veo 3.1", _at(40, _HD), (4, 6, 8), from_words=_HD),
    "veo3.1_fast": Film("Veo 3.1 Fast", _at(15, _HD), (4, 6, 8), from_words=_HD),
    "gemini_omni_flash": Film(
        "Gemini Omni Flash", _at(10, _WIDE), tuple(range(3, 11)), 4_000, from_words=_WIDE, silent=True
    ),
    "seedance2": Film("Seedance 2", _SEEDANCE_2, tuple(range(4, 16)), 3_500, from_words=tuple(_SEEDANCE_2)),
    "seedance2_fast": Film("Seedance 2 Fast", _at(29, _720P), tuple(range(4, 16)), 3_500, from_words=_720P),
    "seedance2_mini": Film("Seedance 2 Mini", _at(16, _720P), tuple(range(4, 16)), 3_500, from_words=_720P),
    "seedance2_5": Film("Seedance 2.5", _at(30, _720P), tuple(range(4, 31)), 15_000, from_words=_720P),
}


class Generation(runway.Runway):
    """Film from words, with or without a first frame."""

    def __init__(self, name: str, film: Film) -> None:
        params = {"seed": runway.SEED} if film.seeded else {}
        if not film.silent:
            params["audio"] = Param("bool", "with sound; the vendor decides where it is not said")
        super().__init__(runway.spec(name, film.title, "video", params))
        self._film = film

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """The seconds asked for, at the price of a second of that size."""
        price = self._film.credits[self._ratio(request)]
        return runway.credits(price * whole_seconds(request, self._film.seconds), "seconds asked for")

    def submission(self, body: Mapping[str, Any]) -> str:
        """The path follows from what the body holds."""
        return "/v1/image_to_video" if "promptImage" in body else "/v1/text_to_video"

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the POST."""
        if "video" in request.sample.inputs:
            raise Refusal(f"{self.spec.id} does not go on from a clip")
        words = str(request.sample.inputs.get("prompt", "")).strip()
        body: dict[str, Json] = {
            "model": self.model,
            "promptText": self.fitting(words, "prompt", self._film.characters),
            "duration": whole_seconds(request, self._film.seconds),
            "ratio": self._ratio(request),
        }
        if "image" in request.sample.inputs:
            picture = self.input(request, "image", tuple(_IMAGES), runway.MOST_BYTES)
            body["promptImage"] = await self.sent(picture, media, url, _IMAGES[picture.media_type])
        return body | present(**{name: self.param(request, name) for name in self.spec.params}), ()

    def _ratio(self, request: Request) -> str:
        """The offered size nearest in shape that holds the sample's. Raises :class:`Refusal`."""
        offered = tuple(self._film.credits) if "image" in request.sample.inputs else self._film.from_words
        if not offered:
            raise Refusal(f"{self.spec.id} needs a first frame")
        return fitting(size(request), offered)


class Aleph(runway.Runway):
    """A shot changed as the instruction says."""

    credits = 28

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """The shot's length, in whole seconds."""
        seconds = self.seconds(request, "video")
        price = None if seconds is None else max(1, math.ceil(seconds)) * self.credits
        return runway.credits(price, "length of the shot")

    def submission(self, body: Mapping[str, Any]) -> str:
        """The path of the paid POST."""
        return "/v1/video_to_video"

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the POST."""
        words = self.fitting(str(request.sample.inputs.get("instruction", "")).strip(), "instruction")
        shot = self.input(request, "video", tuple(_FILMS), runway.MOST_BYTES)
        if shot.seconds is not None and shot.seconds > MOST_SHOT_SECONDS:
            raise Refusal(f"{self.spec.id} takes at most {MOST_SHOT_SECONDS} s, the shot has {shot.seconds:.1f}")
        body: dict[str, Json] = {
            "model": self.model,
            "promptText": words,
            "videoUri": await self.sent(shot, media, url, _FILMS[shot.media_type]),
        }
        return body | present(seed=self.param(request, "seed")), ()


PROVIDERS = (
    *(Generation(name, film) for name, film in FILMS.items()),
    Aleph(runway.spec("aleph2", "Aleph 2", "editing/prompt", {"seed": runway.SEED})),
)
