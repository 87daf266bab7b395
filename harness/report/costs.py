"""What an estimate says, as sheets of plain text (terminal, Markdown, HTML) and as JSON."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from filmbench.harness.film.budget import SCENARIOS, Budget, Other
from filmbench.harness.film.estimate import Estimate
from filmbench.harness.film.lines import Line
from filmbench.harness.film.offers import Offer
from filmbench.harness.film.tornado import Bar
from filmbench.harness.film.traditional import Rate
from filmbench.harness.report import words
from filmbench.harness.report.sheets import Document, Sheet
from filmbench.harness.report.tables import plain

NAMED = 6
"""How many arms a note names before it counts the rest."""


def document(found: Estimate, budget: Budget | None = None, most: int | None = None) -> Document:
    """The whole estimate; with a ``budget`` its choice first. No table has more than ``most`` rows."""
    sheets = [
        *([_choice(budget)] if budget else []),
        _stages(found),
        _tornado(found.tornado),
        _offers(found.offers),
        _lines(found.lines),
        _prices(found.lines),
        _quantities(found),
        _speech(found),
        _traditional(found.traditional.rates),
        _rate_sources(found.traditional.rates),
    ]
    notes = [*(_budget_notes(budget) if budget else []), *_notes(found)]
    title = f"{words.one_line(found.film.title, 80)}: what it would cost"
    return Document(
        title, tuple(_facts(found)), tuple(_first(sheet, most) for sheet in sheets if sheet.rows), tuple(notes)
    )


def _first(sheet: Sheet, most: int | None) -> Sheet:
    if most is None or len(sheet.rows) <= most:
        return sheet
    return replace(sheet, title=f"{sheet.title}: the first {most} of {len(sheet.rows):,}", rows=sheet.rows[:most])


def finding(found: Estimate, budget: Budget | None = None) -> str:
    """The answer in a sentence."""
    least = "at least " if found.at_least else ""
    middle = (
        f"{least}{words.money(found.p50)} in the middle case, {words.money(found.p10)} to {words.money(found.p90)} in "
        "8 of 10"
    )
    if budget is None:
        return f"{middle[0].upper()}{middle[1:]}."
    kept = f"kept in {budget.held} of {SCENARIOS} scenarios and {budget.fresh:.0%} of fresh ones"
    return f"The best film of judged arms for {words.money(budget.cap)}: {middle}; the cap is {kept}."


def _facts(found: Estimate) -> list[str]:
    film = found.film
    ends = (("P10", found.p10), ("P50", found.p50), ("P90", found.p90))
    return [
        ", ".join(f"{name} {words.money(usd, found.at_least)}" for name, usd in ends),
        f"{film.pages:g} pages, {words.number(film.seconds, 0)} s, {words.count(film.shots, 'shot')}",
        f"languages: {', '.join(film.languages)}",
        f"without AI: {_without(found)}",
        f"waiting for takes: {'unknown' if found.hours is None else words.significant(found.hours) + ' h'}",
        f"prices of {found.priced_on}, seed {found.seed}, {found.worlds:,} draws",
    ]


def _without(found: Estimate) -> str:
    sums = found.traditional
    span = f"{words.money(sums.low)} to {words.money(sums.high)}" if sums.low < sums.high else words.money(sums.low)
    return f"{'at least ' if sums.at_least else ''}{span}"


def _stages(found: Estimate) -> Sheet:
    lacking = {one.work.stage for one in found.lines if one.gaps}
    arms: dict[str, list[str]] = defaultdict(list)
    for one in found.lines:
        if one.label not in arms[one.work.stage]:
            arms[one.work.stage].append(one.label)
    rows = [
        (
            one.stage,
            words.one_line(", ".join(arms[one.stage]), 40),
            *(words.money(value, one.stage in lacking) for value in (one.p10, one.p50, one.p90)),
            "unknown" if one.vendor is None else words.money(one.vendor),
            "unknown" if one.machine is None else words.money(one.machine),
            words.money(one.person),
            f"{100 * one.share:.0f}",
        )
        for one in found.stages
    ]
    headers = ("Stage", "Made by", "P10", "P50", "P90", "To vendors", "To machines", "To people", "Share (%)")
    return Sheet("What dominates: dollars by stage, the last four at typical values", headers, tuple(rows), 2)


def _tornado(bars: Sequence[Bar]) -> Sheet:
    rows = [
        (bar.what, bar.from_value, bar.to_value, words.money(bar.low), words.money(bar.high), words.money(bar.swing))
        for bar in bars
    ]
    headers = ("If this changes", "from", "to", "Total at the first", "at the second", "Swing")
    return Sheet("What moves the total, everything else at typical values", headers, tuple(rows), 3)


def _offers(offers: Sequence[Offer]) -> Sheet:
    """Those with a price; the others are told in the notes."""
    rows = [
        (
            one.stage,
            words.one_line(one.label, 40),
            words.money(one.vendor_usd),
            words.number(one.takes, 1),
            words.money(one.usd),
            words.number(one.quality),
        )
        for one in offers
        if one.usd is not None
    ]
    headers = ("Stage", "Arm", "To the vendor, one take of each", "Takes of each", "In all", "Quality (0 to 1)")
    return Sheet("Vendors side by side, each for the whole stage at typical values", headers, tuple(rows), 2)


def _lines(lines: Sequence[Line]) -> Sheet:
    rows = [
        (
            one.work.stage,
            words.one_line(one.work.name, 40),
            words.one_line(one.label, 40),
            f"{one.work.count:,}",
            words.number(one.work.seconds, 1) if one.work.seconds else words.NONE,
            ", ".join(f"{amount.normalize():f} {unit}" for unit, amount in one.units.items()) or words.NONE,
            "unknown" if one.vendor_usd is None else words.money(one.vendor_usd),
            f"{one.acceptance.range.typical:.0%} ({one.acceptance.words})",
            words.number(one.takes, 1),
        )
        for one in lines
    ]
    headers = (
        *("Stage", "For", "Arm", "Pieces", "Seconds", "One take of each", "its price"),
        *("Takes that will do", "Takes"),
    )
    return Sheet("Line by line", headers, tuple(rows), 3)


def _prices(lines: Sequence[Line]) -> Sheet:
    rows = dict.fromkeys(
        (f"{row.vendor}/{row.model}", f"${row.usd} per {row.per} {row.unit}", row.as_of, row.confidence,
         words.one_line(row.source, 300))
        for one in lines
        for row in one.rows
    )  # fmt: skip
    headers = ("Provider", "Price", "As of", "Confidence", "Source")
    return Sheet("Where the prices come from", headers, tuple(rows), len(headers))


def quantities(found: Estimate) -> list[tuple[str, float | None, str]]:
    """What the film asks for: name, amount (``None`` where it cannot be counted), unit."""
    film = found.film
    return [
        ("pages", film.pages, "pages"),
        ("scenes", len(film.scenes), ""),
        ("locations", len(film.locations), ""),
        ("speaking characters", len({part.character for part in film.parts}), ""),
        ("shots", film.shots, ""),
        ("shots with dialogue", film.dialogue_shots, ""),
        ("length", film.seconds, "s"),
        ("motion", film.motion_seconds, "s"),
        ("generated pictures", film.generated_seconds, "s"),
        ("rotoscoping", film.roto_seconds, "s"),
        ("clean-up", film.clean_up_seconds, "s"),
        ("music", film.music_seconds, "s"),
        ("foley", film.foley_seconds, "s"),
    ]


def _quantities(found: Estimate) -> Sheet:
    rows = [
        (name, "unknown" if amount is None else f"{amount:,.0f} {unit}".strip() if unit != "pages" else f"{amount:g}")
        for name, amount, unit in quantities(found)
    ]
    return Sheet("Breakdown", ("What", "How much"), tuple(rows))


def _speech(found: Estimate) -> Sheet:
    rows = [
        (words.one_line(part.character, 40), part.language, str(part.lines), f"{part.words:,}", f"{part.characters:,}",
         words.number(part.seconds, 1))
        for part in found.film.parts
    ]  # fmt: skip
    return Sheet("Speech", ("Character", "Language", "Lines", "Words", "Signs", "Seconds"), tuple(rows), 2)


def _traditional(rates: Sequence[Rate]) -> Sheet:
    rows = [
        (
            rate.stage,
            rate.service,
            rate.per,
            words.significant(rate.quantity),
            words.money(rate.low),
            words.money(rate.typical),
            words.money(rate.high),
            "yes" if rate.in_total else "",
        )
        for rate in rates
    ]
    headers = ("Stage", "Service", "Paid per", "Quantity", "Low", "Typical", "High", "In the sum")
    return Sheet("Without AI, as far as anybody published a rate", headers, tuple(rows), 3)


def _rate_sources(rates: Sequence[Rate]) -> Sheet:
    rows = [(rate.service, rate.as_of, rate.confidence, rate.source, rate.reason or rate.note or "") for rate in rates]
    headers = ("Service", "As of", "Confidence", "Source", "Note")
    return Sheet("Where the rates without AI come from", headers, tuple(dict.fromkeys(rows)), len(headers))


def _choice(budget: Budget) -> Sheet:
    rows = [
        (
            group.stage,
            words.one_line(group.name, 40),
            words.one_line(option.label, 40),
            "not judged" if option.quality is None else f"{option.quality:.2f}",
            {True: "yes", False: "no", None: words.NONE}[option.passes],
            words.money(option.median),
            "named by you" if group.fixed and option.provider else f"{len(group.options)}" if not group.fixed else "",
        )
        for group, option in budget.picks
    ]
    headers = ("Stage", "For", "Arm", "Quality (0 to 1)", "Keeps the rules", "Median", "Chosen of")
    return Sheet(f"The best film for {words.money(budget.cap)}", headers, tuple(rows), 3)


def _budget_notes(budget: Budget) -> list[str]:
    found = budget.certificate
    notes = [
        f"worth {budget.worth:.4f} of 1; solver: {found.status}, bound {found.bound:.4f}, gap {found.gap:.1e}, "
        f"{found.nodes} nodes: the best choice for these {SCENARIOS} scenarios"
        + ("" if found.optimal else " that was found; a better one may exist"),
        f"the cap holds in {budget.held} of {SCENARIOS} scenarios (asked: {budget.confidence:.0%}) and in "
        f"{budget.fresh:.1%} of fresh ones"
        + (
            "" if budget.fresh >= budget.confidence else ": fewer than asked, for these scenarios were kinder than most"
        ),
        "quality: primary metrics between the stage's floor (0) and its reference (1), failures as worst, averaged; or "
        "the share of votes that an arm wins where only people judge",
        _told("the next better choice", budget.better) or "no better choice of judged arms exists at any price",
        _told("the smallest budget at which every judged stage keeps its rules", budget.passing)
        or f"no budget is known at which every stage keeps its rules: {budget.not_passing}",
    ]
    if budget.open:
        notes.append(
            f"nobody to choose for {', '.join(budget.open)}: no sum here holds them, nor does the cap; name somebody, "
            f"as --stage {budget.open[0]}=PROVIDER"
        )
    by_stage: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in budget.unjudged:
        by_stage[one.stage, one.reason].append(one.label)
    for (stage, reason), labels in by_stage.items():
        more = f" and {len(labels) - NAMED} more" if len(labels) > NAMED else ""
        notes.append(f"not chosen from, {stage}: {', '.join(labels[:NAMED])}{more} ({reason})")
    return notes


def _told(what: str, other: Other | None) -> str | None:
    if other is None:
        return None
    changes = f": {'; '.join(other.changes[:NAMED])}" if other.changes else ": the choice made"
    return f"{what} wants {words.money(other.usd)}{changes}"


def _notes(found: Estimate) -> list[str]:
    notes = [f"not in the sums, {gap}" for gap in found.gaps]
    notes += [f"no waiting time, {wait}" for wait in found.waits]
    notes += [f"{one.provider}: {one.note}" for one in {o.provider: o for o in found.lines if o.note}.values()]
    if found.left_out:
        notes.append(f"left out, as asked: {', '.join(found.left_out)}")
    if found.traditional.at_least:
        notes.append(
            f"the sum without AI lacks {', '.join(found.traditional.at_least)}, or its upper end: nobody published it. "
            "It takes the low and the high end of each source, and its one figure where it gives one"
        )
    if any(not one.acceptance.measured for one in found.lines):
        notes.append(
            "prior: a guess of ours at how many takes will do, in the assumptions; your own runs take its place"
        )
    if found.hours is not None:
        notes.append("waiting is by the median of your own takes, one stage after another; people's time is not in it")
    unpriced = Counter(one.stage for one in found.offers if one.usd is None)
    if unpriced:
        told = ", ".join(f"{stage} {count}" for stage, count in unpriced.items())
        notes.append(f"not side by side, for some of their cost is not known here: {told} (why: --json, offers)")
    rates = found.assumed.rates
    notes.append(
        f"people at ${rates.human_usd_per_hour.typical:g} an hour look at every take; this machine's cores at "
        f"${rates.core_usd_per_hour.typical:g} an hour"
    )
    notes += [f"{name}: {rule}" for name, rule in found.film.rules]
    rules = dict.fromkeys((one.work.stage, one.work.rule) for one in found.lines if one.work.stage != "tts")
    return notes + [f"{stage}: {rule}" for stage, rule in rules]


def as_json(found: Estimate, budget: Budget | None = None) -> dict[str, Any]:
    """For programs: ``p10``, ``p50``, ``p90`` and all that stands behind them."""
    made: dict[str, Any] = {
        "title": found.film.title,
        "p10": found.p10,
        "p50": found.p50,
        "p90": found.p90,
        "typical": found.typical,
        "at_least": found.at_least,
        "gaps": found.gaps,
        "hours": found.hours,
        "hours_unknown": found.waits,
        "seed": found.seed,
        "draws": found.worlds,
        "priced_on": found.priced_on.isoformat(),
        "price_book": found.book_sha256,
        "stages": [{**plain(one), "typical": one.typical} for one in found.stages],
        "lines": [_line(one) for one in found.lines],
        "tornado": found.tornado,
        "offers": found.offers,
        "traditional": found.traditional,
        "left_out": found.left_out,
        "breakdown": found.film,
        "assumptions": found.assumed.model_dump(mode="python"),
    }
    if budget:
        made["budget"] = _budget(budget)
    return dict(plain(made))


def _line(one: Line) -> dict[str, Any]:
    rate = one.acceptance.range
    return {
        "stage": one.work.stage,
        "for": one.work.group,
        "language": one.work.language,
        "provider": one.provider,
        "arm": one.label,
        "pieces": one.work.count,
        "seconds": one.work.seconds,
        "units": {unit: str(amount) for unit, amount in one.units.items()},
        "usd_one_take_each": one.vendor_usd,
        "price_factor": one.price,
        "core_hours_one_take_each": one.core_hours,
        "hand_hours_one_take_each": one.hand_hours,
        "review_hours_one_take_each": one.review,
        "acceptance": {"low": rate.low, "typical": rate.typical, "high": rate.high, "from": one.acceptance.words},
        "takes": one.takes,
        "prices": [
            {"unit": row.unit, "usd": str(row.usd), "per": str(row.per), "as_of": row.as_of, "source": row.source,
             "confidence": row.confidence}
            for row in one.rows
        ],
        "gaps": one.gaps,
    }  # fmt: skip


def _budget(budget: Budget) -> dict[str, Any]:
    return {
        "cap": budget.cap,
        "confidence": budget.confidence,
        "worth": budget.worth,
        "certificate": budget.certificate,
        "scenarios": SCENARIOS,
        "held": budget.held,
        "held_fresh": budget.fresh,
        "picks": [
            {"stage": group.stage, "for": group.name, "arm": option.label, "provider": option.provider,
             "quality": option.quality, "passes": option.passes, "median_usd": option.median, "fixed": group.fixed}
            for group, option in budget.picks
        ],
        "next_better": budget.better,
        "every_stage_passes": budget.passing,
        "not_passing": budget.not_passing,
        "not_judged": budget.unjudged,
        "open": budget.open,
    }  # fmt: skip
