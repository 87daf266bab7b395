"""A two-page script's breakdown, round prices, and assumptions without a guess: what tests of costs reckon on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from filmbench.harness.film.assumptions import Assumptions, Range, default
from filmbench.harness.film.breakdown import Breakdown, Part, SceneCount
from filmbench.harness.film.evidence import Evidence
from filmbench.harness.pricing import PriceBook, Row

TODAY = date(2026, 11, 23)

FILM = Breakdown(
    title="The Lamp Room",
    languages=("en", "es"),
    pages=2.0,
    scenes=(
        SceneCount(1, "EXT. PIER - NIGHT", 8, 40.0, 8, ("MARA", "TOBY")),
        SceneCount(2, "INT. LAMP ROOM - NIGHT", 8, 60.0, 12, ("MARA",)),
    ),
    locations=("PIER", "LAMP ROOM"),
    parts=(
        Part("MARA", "en", 10, 80, 320, 400, 32.0),
        Part("TOBY", "en", 5, 30, 120, 150, 12.0),
        Part("MARA", "es", 10, 80, 340, 420, 34.0),
        Part("TOBY", "es", 5, 30, 130, 160, 14.0),
    ),
    seconds=100.0,
    shots=20,
    dialogue_shots=12,
    motion_seconds=20.0,
    generated_seconds=15.0,
    roto_seconds=0.0,
    clean_up_seconds=0.0,
    music_seconds=60.0,
    foley_seconds=0.0,
    rules=(("shots", "one a speech"),),
)
ARMS = {
    "tts": "elevenlabs/eleven_v3",
    "dubbing": "elevenlabs/dubbing_v1",
    "lipsync": "sync/lipsync-2",
    "mocap": "move/s1",
    "video": "runway/gen4.5",
    "background": "stability/stable-image-core",
    "editing/colour": "none",
}


def row(provider: str, unit: str, usd: str, per: str = "1", **more: object) -> Row:
    """A line of the price book, certain and fresh."""
    vendor, _, model = provider.partition("/")
    facts = {"as_of": "2026-11", "source": "the test", "confidence": "high", **more}
    return Row(vendor, model, unit, Decimal(usd), per=Decimal(per), **facts)  # type: ignore[arg-type]


def book(*more: Row) -> PriceBook:
    """Round prices for one arm of each stage."""
    rows = (
        row("elevenlabs/eleven_v3", "character", "0.10", "1000"),
        row("elevenlabs/dubbing_v1", "minute", "0.60"),
        row("sync/lipsync-2", "output_second", "0.05"),
        row("move/s1", "input_second", "0.02"),
        row("runway/gen4.5", "credit", "0.01"),
        row("stability/stable-image-core", "image", "0.03"),
        *more,
    )
    return PriceBook(rows, "0" * 64)


def sure(acceptance: dict[str, float] | None = None) -> Assumptions:
    """Nothing left to chance but takes: 30 $ an hour, each take looked at for twice its length."""
    given = default()
    figure = lambda value: Range(value, value, value)  # noqa: E731 - used three times below
    stages = {
        name: stage.model_copy(
            update={
                "acceptance": figure((acceptance or {}).get(name, 1.0)),
                "review": figure(2.0),
                "usd_per_minute": figure(10.0) if name == "music" else None,
            }
        )
        for name, stage in given.stages.items()
    }
    rates = given.rates.model_copy(update={"human_usd_per_hour": figure(30.0), "core_usd_per_hour": figure(0.1)})
    spread = given.spread.model_copy(update={"speech_seconds": 0.0, "picture_seconds": 0.0})
    return given.model_copy(update={"stages": stages, "rates": rates, "spread": spread})


def judged(contract: str, provider: str, quality: float, **more: object) -> Evidence:
    """An arm that somebody judged."""
    return replace(Evidence(contract, provider, provider, "the test", quality=quality, passes=True), **more)  # type: ignore[arg-type]
