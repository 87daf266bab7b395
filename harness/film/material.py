"""What an estimate starts from: the script's breakdown in the languages asked for, and what the user's store knows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from filmbench.harness.film import evidence, formats, translation
from filmbench.harness.film.assumptions import Assumptions
from filmbench.harness.film.breakdown import Breakdown, breakdown
from filmbench.harness.film.evidence import Evidence
from filmbench.harness.types import UsageError


def film(screenplay: Path, languages: Sequence[str] = ()) -> tuple[Breakdown, tuple[str, ...]]:
    """The breakdown of a script and of the translations that lie beside it, in ``languages`` (all there are).

    Beside it what the reader noticed in the script and its user should know.

    In a language without a translation speech is taken to last as long as the original's: it is dubbed in its time.
    Raises :class:`UsageError` for a file that is no script, and for a language given twice.
    """
    original = formats.read(screenplay)
    beside = translation.beside(screenplay)
    wanted = tuple(languages) or (original.language, *(one for one in beside if one != original.language))
    if len(set(wanted)) < len(wanted):
        raise UsageError("--languages names one twice")
    if original.language not in wanted:
        raise UsageError(
            f"{screenplay} is written in {original.language}, which --languages leaves out",
            f"for example: --languages {','.join((original.language, *wanted))}",
        )
    others = [one for one in wanted if one != original.language]
    found = breakdown(original, [formats.read(beside[one], one) for one in others if one in beside])
    return _untranslated(found, [one for one in others if one not in beside]), original.remarks


def _untranslated(found: Breakdown, languages: Sequence[str]) -> Breakdown:
    own = [part for part in found.parts if part.language == found.languages[0]]
    return replace(
        found,
        languages=(*found.languages, *languages),
        parts=(*found.parts, *(replace(part, language=one) for one in languages for part in own)),
        rules=(
            *found.rules,
            *(
                (f"speech in {one}", "no translation lies beside the script: as long as the original's")
                for one in languages
            ),
        ),
    )


def known(store: Path, assumed: Assumptions, results: Path | None = None) -> tuple[Evidence, ...]:
    """What the user's own runs and a results file say of arms; nothing where there is no store yet."""
    from filmbench.harness.store import Store

    rules: Mapping[str, Mapping[str, float]] = {name: stage.accept for name, stage in assumed.stages.items()}
    stored: tuple[Evidence, ...] = ()
    if os.environ.get("FILMBENCH_LEDGER") or (store / "ledger.db").exists():
        with Store.reading(store) as opened:
            stored = evidence.from_store(opened, rules)
    return evidence.merged(stored, evidence.from_file(results) if results else ())
