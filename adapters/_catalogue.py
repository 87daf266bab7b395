"""What the vendors have in common that run models of many makers: one entry a model says how it is asked and counted.

An entry turns a :class:`Wish`, the same for all, into the arguments of its model. What a model cannot make is refused
there; where it offers steps, the next one that holds what is asked for is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from filmbench.adapters._asked import nearest, painted, seconds_of, size
from filmbench.adapters._jobs import JobVendor
from filmbench.adapters._vendor import present
from filmbench.harness.protocols import Media, Param, ProviderSpec, Refusal, Requirement
from filmbench.harness.types import Json, Outcome, Quote, Request, Usage

PATIENCE = 30 * 60.0
MADE = {"video": ("video", "video/mp4"), "background": ("image", "image/png")}
"""Role and media type of what a contract asks for."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a sample asks a model for. ``seconds`` is 0 for a still; ``frame`` is the address of a first frame."""

    words: str
    seconds: float
    width: int
    height: int
    frame: str | None = None

    def shape(self, *offered: str) -> str:
        """The offered ratio, as ``16:9``, that is nearest in shape."""
        return nearest((self.width, self.height), offered)

    def lines(self, *offered: int) -> str:
        """The first of the offered heights, as ``720p``, that holds the shorter side; else the last."""
        return f"{next((one for one in offered if one >= min(self.width, self.height)), offered[-1])}p"

    def length(self, *offered: int) -> int:
        """The first of the offered lengths that holds the seconds. Raises :class:`Refusal`."""
        found = next((one for one in offered if one >= self.seconds), None)
        if found is None:
            raise Refusal(f"it makes at most {offered[-1]} s, not {self.seconds:g}")
        return found


@dataclass(frozen=True, slots=True)
class Model:
    """One model of a catalogue. ``counted`` gives of what was sent the price's unit, and how many of it.

    ``takes_frame`` says that it can go on from a first frame, ``seeds`` that it takes a seed.
    """

    path: str
    title: str
    arguments: Callable[[Wish], dict[str, Json]]
    counted: Callable[[Mapping[str, Any]], tuple[str, int]]
    contract: str = "video"
    most_characters: int = 2_000
    takes_frame: bool = False
    seeds: bool = True


class ModelVendor(JobVendor):
    """One model of a vendor's catalogue."""

    def __init__(self, spec: ProviderSpec, model: Model) -> None:
        super().__init__(spec)
        self.behind = model

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """What will be asked for, in the price's unit."""
        unit, amount = self.behind.counted(self.behind.arguments(self.wish(request)))
        used = Usage({unit: Decimal(amount)}, "what is asked for")
        return Quote(used, used)

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The model's arguments, its first frame uploaded."""
        if "video" in request.sample.inputs:
            raise Refusal(f"{self.spec.id} does not go on from a clip")
        frame: str | None = None
        resources: tuple[str, ...] = ()
        self.behind.arguments(self.wish(request))  # what it refuses is refused before anything is sent
        if "image" in request.sample.inputs:
            if not self.behind.takes_frame:
                raise Refusal(f"{self.spec.id} takes no image here")
            frame, resources = await self.framed(request, media, url)
        asked = self.behind.arguments(self.wish(request, frame))
        return asked | present(seed=self.param(request, "seed") if self.behind.seeds else None), resources

    async def framed(self, request: Request, media: Media, url: str) -> tuple[str, tuple[str, ...]]:
        """Where the first frame lies at the vendor, and its resource; for a vendor some of whose models take one."""
        raise Refusal(f"{self.spec.vendor} takes no first frames")

    def wish(self, request: Request, frame: str | None = None) -> Wish:
        """The sample's words, seconds and size. Raises :class:`Refusal` for what cannot be read."""
        words = painted(request)
        if not words:
            raise Refusal("the prompt is empty", Outcome.INVALID)
        if len(words) > self.behind.most_characters:
            raise Refusal(f"{self.spec.id} is asked in at most {self.behind.most_characters} characters")
        width, height = size(request)
        still = self.behind.contract == "background"
        seconds = 0.0 if still else seconds_of(request)
        return Wish(words, seconds, width, height, frame)


def spec(id: str, title: str, model: Model, key: Requirement, url: str) -> ProviderSpec:
    """The facts of one model of the vendor that ``id`` begins with."""
    vendor = id.partition("/")[0]
    seed = {"seed": Param("int", "sampling repeats as far as the model can")}
    return ProviderSpec(
        id=id,
        contracts=(model.contract,),
        title=title,
        revision="1",
        licence=f"{vendor} terms of service and the model's own",
        params=seed if model.seeds else {},
        requires=(key,),
        resumable=True,
        concurrency=2,
        patience=PATIENCE,
        default_endpoint=url,
    )
