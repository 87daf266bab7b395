"""How numbers and names are written for people: units, signs, dashes for what is missing."""

from __future__ import annotations

import math
from collections.abc import Iterable

from filmbench.harness.protocols import MetricSpec
from filmbench.harness.stats.intervals import Estimate
from filmbench.harness.stats.paired import Difference

NONE = "–"


def arm(label: str, role: str, live: bool) -> str:
    """An arm's label on one line, marked when it is a reference, a floor or not live."""
    marks = [word for word in ("" if role == "arm" else role, "" if live else "not live") if word]
    return one_line(label, 60) + (f" ({', '.join(marks)})" if marks else "")


def number(value: float | None, decimals: int = 2, signed: bool = False) -> str:
    """A number with a fixed count of decimals, ``–`` for none; a true minus sign, never ``-0.00``."""
    if value is None:
        return NONE
    text = f"{value:+,.{decimals}f}" if signed else f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("+-")
    return text.replace("-", "−")


def integer(value: int | None) -> str:
    """``1,234`` or ``–``."""
    return NONE if value is None else f"{value:,}"


def significant(value: float | None, digits: int = 3) -> str:
    """A positive quantity whose size is not known in advance (seconds, ratios) with about ``digits`` digits."""
    if value is None:
        return NONE
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return number(value, min(decimals, 6))


def interval(low: float | None, high: float | None, decimals: int = 2, signed: bool = False) -> str:
    """``[low, high]``; one-sided bounds as ``≤ high``; nothing when there is none."""
    if low is None and high is None:
        return ""
    if low is None:
        return f"≤ {number(high, decimals, signed)}"
    return f"[{number(low, decimals, signed)}, {number(high, decimals, signed)}]"


def estimate(found: Estimate | None, decimals: int = 2) -> str:
    """``value [low, high]``, ``value`` without an interval, or ``–``."""
    if found is None or found.value is None:
        return NONE
    bounds = interval(found.low, found.high, decimals)
    return f"{number(found.value, decimals)} {bounds}".rstrip()


def percent(found: Estimate) -> str:
    """A rate in 0..1 as ``98 [91, 100]``."""
    if found.value is None:
        return NONE
    bounds = "" if found.low is None or found.high is None else f" [{100 * found.low:.0f}, {100 * found.high:.0f}]"
    return f"{100 * found.value:.0f}{bounds}"


def seconds(found: Estimate, with_interval: bool = False) -> str:
    """Seconds with three digits; ``n too small`` where that is the reason."""
    if found.value is None:
        return "n too small" if (found.reason or "").startswith("n too small") else NONE
    if with_interval and found.low is not None and found.high is not None:
        return f"{significant(found.value)} [{significant(found.low)}, {significant(found.high)}]"
    if with_interval and found.high is not None:
        return f"{significant(found.value)} (≤ {significant(found.high)})"
    return significant(found.value)


def money(value: float | None, at_least: bool = False) -> str:
    """US dollars with cents; a sum below one dollar with three digits. ``at_least`` puts ``≥`` before it."""
    if value is None:
        return NONE
    if value == 0 or abs(value) >= 1:
        text = f"{value:,.2f}"
    else:
        text = f"{value:.{2 - math.floor(math.log10(abs(value)))}f}"
        whole, _, fraction = text.partition(".")
        text = f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"
    return f"{'≥ ' if at_least else ''}${text}"


def minutes(value: float | None, untold: int = 0) -> str:
    """Minutes of work with one decimal; ``≥`` before them where ``untold`` takes do not tell theirs."""
    return f"{'≥ ' if value is not None and untold else ''}{number(value, 1)}"


def p_value(p: float | None) -> str:
    """``.031``; ``< .001`` below that."""
    if p is None:
        return NONE
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0") if p < 1 else "1"


def heading(spec: MetricSpec) -> str:
    """Title, unit and the better direction: ``Character error rate (%) ↓``."""
    arrow = {True: " ↑", False: " ↓", None: ""}[spec.higher_is_better]
    unit = f" ({spec.unit})" if spec.unit else ""
    return f"{spec.title}{unit}{arrow}"


def rank(found: tuple[int, int] | None) -> str:
    """``1`` or the range ``1–3``."""
    if found is None:
        return NONE
    return str(found[0]) if found[0] == found[1] else f"{found[0]}–{found[1]}"


def count(n: int, noun: str) -> str:
    """``1 take``, ``3 takes``."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def one_line(text: str, longest: int = 160) -> str:
    """A vendor's words on one line, without control characters, shortened."""
    flat = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def dates(first: str | None, last: str | None) -> str:
    """``2025-01-03`` or ``2025-01-03 to 2025-02-01``."""
    if first is None or last is None:
        return "no date"
    return first[:10] if first[:10] == last[:10] else f"{first[:10]} to {last[:10]}"


def few_samples(found: Iterable[Estimate | Difference]) -> list[str]:
    """What brackets of few samples are worth, as measured, in one note; none where all hold what they promise."""
    pairs = sorted({(one.clusters, one.covers) for one in found if one.covers is not None})
    if not pairs:
        return []
    parts = [f"{covers} with {count(clusters, 'cluster')}" for clusters, covers in pairs]
    return [f"Few samples: of 100 such brackets of skewed scores, simulated, fewer hold the truth: {', '.join(parts)}"]
