"""What a film cost, line by line: every take that it is made of, what was paid for it, and the work of this machine.

``paid`` is what this production paid; ``worth`` is what the film's takes cost when they were made, in whatever run.
What has no price is null, and then a total says "at least".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

from filmbench.harness.film.stages import Granted


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the bill. Money in US dollars, ``None`` where no price is known; ``cpu_seconds`` of this machine."""

    stage: str
    item: str
    provider: str
    outcome: str
    fresh: bool
    worth_usd: Decimal | None
    paid_usd: Decimal | None
    cpu_seconds: float | None


@dataclass(frozen=True, slots=True)
class Total:
    """Sums of a bill; ``unpriced`` lines are in neither sum of money."""

    worth_usd: Decimal
    paid_usd: Decimal
    unpriced: int
    cpu_seconds: float


def items(granted: Iterable[Granted], own: Iterable[Item]) -> list[Item]:
    """Every take asked for, then the machine's own work."""
    found = [
        Item(
            stage=one.wish.contract,
            item=one.wish.id,
            provider=one.wish.provider,
            outcome=one.outcome.value,
            fresh=one.fresh,
            worth_usd=one.billed,
            paid_usd=one.billed if one.fresh else Decimal(0),
            cpu_seconds=one.seconds if one.wish.provider.startswith("local/") else None,
        )
        for one in granted
    ]
    return [*found, *own]


def total(lines: Sequence[Item]) -> Total:
    """The sums."""
    return Total(
        worth_usd=sum((line.worth_usd for line in lines if line.worth_usd is not None), Decimal(0)),
        paid_usd=sum((line.paid_usd for line in lines if line.paid_usd is not None), Decimal(0)),
        unpriced=sum(line.worth_usd is None for line in lines),
        cpu_seconds=round(sum(line.cpu_seconds or 0.0 for line in lines), 1),
    )


def write(lines: Sequence[Item], folder: Path) -> Total:
    """``bill.json`` and ``bill.md`` in ``folder``."""
    summed = total(lines)
    plain = [{name: str(v) if isinstance(v, Decimal) else v for name, v in asdict(line).items()} for line in lines]
    sums = {name: str(v) if isinstance(v, Decimal) else v for name, v in asdict(summed).items()}
    record = {"lines": plain, "total": sums}
    (folder / "bill.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "bill.md").write_text("\n".join(_page(lines, summed)) + "\n", encoding="utf-8")
    return summed


def _page(lines: Sequence[Item], summed: Total) -> Iterable[str]:
    least = "at least " if summed.unpriced else ""
    yield "# What this film cost"
    yield ""
    yield f"Paid now {least}${summed.paid_usd:.4f}; its takes are worth {least}${summed.worth_usd:.4f}; "
    yield f"{summed.cpu_seconds:,.0f} s of this machine's processors."
    if summed.unpriced:
        yield f"{summed.unpriced} lines have no price and are in neither sum."
    yield ""
    yield "| stage | item | provider | outcome | made now | worth $ | paid $ | CPU s |"
    yield "|---|---|---|---|---|---|---|---|"
    for line in lines:
        worth, paid = ("not priced" if usd is None else f"{usd:.4f}" for usd in (line.worth_usd, line.paid_usd))
        cpu = "" if line.cpu_seconds is None else f"{line.cpu_seconds:.1f}"
        item = line.item.replace("|", "\\|")
        fresh = "yes" if line.fresh else "no"
        yield f"| {line.stage} | {item} | {line.provider} | {line.outcome} | {fresh} | {worth} | {paid} | {cpu} |"
