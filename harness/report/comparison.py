"""A comparison as one page: the verdict, the tables, and the worst and best samples side by side to listen to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filmbench.harness import registry
from filmbench.harness.compare import Comparison, Side
from filmbench.harness.media import proxy
from filmbench.harness.pairs import Pair
from filmbench.harness.report import deltas, page, provenance, words
from filmbench.harness.store import Store
from filmbench.harness.suite import Suite
from filmbench.harness.types import UsageError


@dataclass(frozen=True, slots=True)
class Heard:
    """One side of a pair: who, its value, and what plays it or the reason why nothing does."""

    arm: str
    value: str
    source: str | None
    kind: str | None
    silence: str | None


def write(store: Store, suite: Suite, result: Comparison, file: Path) -> Path:
    """Write the page. Raises :class:`UsageError` when the place cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(render(store, suite, result), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror or error}") from None
    return file


def render(store: Store, suite: Suite, result: Comparison) -> str:
    """The page as text. Equal comparisons give equal pages."""
    style = page.ours("report.css")
    known = {one.ref: one for one in provenance.data(store, suite)}
    groups = [("Largest losses", result.losses), ("Largest gains", result.gains)]
    return page.environment().get_template("comparison.html").render(
        document=deltas.document(result),
        quality=result.change(result.pairs_by).spec if result.pairs_by else None,
        conclusions=[(change.spec.title, deltas.conclusion(change)) for change in result.changes if change.ruling],
        groups=[(title, _pairs(store, result, pairs, known)) for title, pairs in groups if pairs],
        data=list(known.values()),
        style=style,
        policy=page.policy(style),
        loudness=words.number(proxy.LOUDNESS, 0),
    )  # fmt: skip


def _pairs(
    store: Store, result: Comparison, pairs: Sequence[Pair], known: dict[str, provenance.Data]
) -> list[tuple[Pair, tuple[Heard, Heard]]]:
    decimals = result.change(result.pairs_by or "").spec.decimals
    found = []
    for pair in pairs:
        data = known.get(pair.dataset)
        stays = data is None or data.withholds(pair.sample)
        sides = (
            (result.base, pair.base, pair.base_artifact, pair.base_media_type, pair.base_outcome),
            (
                result.candidate,
                pair.candidate,
                pair.candidate_artifact,
                pair.candidate_media_type,
                pair.candidate_outcome,
            ),
        )
        heard = [
            _heard(store, side, deltas.value(value, outcome, decimals), artifact, media_type, stays)
            for side, value, artifact, media_type, outcome in sides
        ]
        found.append((pair, (heard[0], heard[1])))
    return found


def _heard(store: Store, side: Side, value: str, artifact: str | None, media_type: str | None, stays: bool) -> Heard:
    arm = deltas.name(side)
    if artifact is None or media_type is None:
        return Heard(arm, value, None, None, "nothing came out")
    if proxy.player(media_type) is None:
        return Heard(arm, value, None, None, "data: nothing to play")
    if stays:
        return Heard(arm, value, None, None, provenance.UNLICENSED)
    try:
        inside = page.embedded(store, artifact, media_type, _role(side.provider))
    except UsageError as error:
        return Heard(arm, value, None, None, f"cannot be played: {error}")
    return Heard(arm, value, inside.source, inside.kind, None)


def _role(provider: str) -> str:
    """What a provider stands for; one that is no longer here made what a machine makes."""
    known = registry.providers().items.get(provider)
    return known.spec.role if known else "arm"
