"""What people are given: the same figures in every format, equal bytes for equal seeds, and no stranger's formula."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import film_costs as given
import openpyxl
import pytest
from filmbench.harness.film.assumptions import default
from filmbench.harness.film.budget import budget
from filmbench.harness.film.estimate import estimate
from filmbench.harness.report import costs, costs_page, tables, workbook

KNOWN = [given.judged("tts", "elevenlabs/eleven_v3", 0.9), given.judged("video", "runway/gen4.5", 0.8)]


def made(title="The Lamp Room", seed=0):
    parts = (replace(given.FILM.parts[0], character='=HYPERLINK("http://evil")'), *given.FILM.parts[1:])
    film = replace(given.FILM, title=title, parts=parts)
    arms = {stage: arm for stage, arm in given.ARMS.items() if stage not in ("tts", "video")}
    return budget(film, default(), given.book(), given.TODAY, KNOWN, 200, arms=arms, seed=seed)


def written(found) -> list[bytes]:
    text = costs.document(found.estimate, found)
    return [
        tables.terminal(text, 120).encode(),
        tables.markdown(text).encode(),
        costs_page.render(found.estimate, found).encode(),
        repr(costs.as_json(found.estimate, found)).encode(),
        workbook.render(found.estimate, found),
    ]


@pytest.fixture(scope="module")
def found():
    return made()


def test_equal_seeds_give_equal_bytes(found):
    assert written(found) == written(made())
    assert all(one != other for one, other in zip(written(found), written(made(seed=1)), strict=True))


def test_every_format_tells_the_percentiles_and_what_is_missing(found):
    terminal, markdown, html, _, _ = written(found)
    for text in (terminal.decode(), markdown.decode(), html.decode()):
        assert f"{found.estimate.p50:,.2f}" in text
        assert "no vendor here makes music" in text
        assert "not judged" in text
        assert "the next better choice" in text or "no better choice" in text
    told = costs.as_json(found.estimate, found)
    assert told["at_least"] is True
    assert told["p10"] <= told["p50"] <= told["p90"]
    assert told["lines"][0]["prices"][0]["source"] == "the test"
    assert next(one for one in told["stages"] if one["stage"] == "music")["vendor"] is None


def test_the_page_is_whole_and_runs_no_stranger_s_words():
    page = costs_page.render(made("<script>alert(1)</script>").estimate)
    assert "<script" not in page
    assert "default-src &#39;none&#39;" in page
    assert "src=" not in page
    assert 'href="http' not in page


def recomputed(book: openpyxl.Workbook, sheet: str, cell: str) -> float:
    """The value of a cell by its formula: the few functions that ours use, over again from the figures."""
    held = book[sheet][cell].value
    if not isinstance(held, str) or not held.startswith("="):
        return held
    formula = held[1:]
    if summed := re.fullmatch(r"SUM\((?:(\w+)!)?([A-Z]+)(\d+):([A-Z]+)(\d+)\)", formula):
        place, left, top, right, bottom = summed.groups()
        cells = book[place or sheet][f"{left}{top}:{right}{bottom}"]
        return sum(recomputed(book, place or sheet, one.coordinate) for row in cells for one in row)
    if chosen := re.fullmatch(r"SUMIF\(Lines!\$A\$(\d+):\$A\$(\d+),(A\d+),Lines!\$N\$\d+:\$N\$\d+\)", formula):
        first, last, wanted = int(chosen[1]), int(chosen[2]), book[sheet][chosen[3]].value
        rows = [row for row in range(first, last + 1) if book["Lines"][f"A{row}"].value == wanted]
        return sum(recomputed(book, "Lines", f"N{row}") for row in rows)

    def value(match: re.Match[str]) -> str:
        other = recomputed(book, match[1] or sheet, match[2].replace("$", ""))
        return repr(float(other)) if isinstance(other, (int, float)) else "0.0"  # N() of a text is 0

    return eval(re.sub(r"(?:N\()?(?:(\w+)!)?(\$?[A-Z]+\$?\d+)\)?", value, formula))


def test_the_workbook_reckons_for_itself(found):
    data = workbook.render(found.estimate, found)
    live, kept = openpyxl.load_workbook(io.BytesIO(data)), openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    assert live.sheetnames == ["Summary", "Lines", "Breakdown", "Without AI", "Assumptions", "Choice"]
    total = recomputed(live, "Summary", "B4")
    assert total == pytest.approx(found.estimate.typical) == kept["Summary"]["B4"].value
    formulas = 0
    for sheet in live:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    formulas += 1
                    assert recomputed(live, sheet.title, cell.coordinate) == pytest.approx(
                        kept[sheet.title][cell.coordinate].value
                    )
    assert formulas == 5 * len(found.estimate.lines) + 1 + len(found.estimate.stages)


def test_a_changed_rate_moves_the_workbook_s_total(found):
    live = openpyxl.load_workbook(io.BytesIO(workbook.render(found.estimate)))
    live["Assumptions"]["B2"] = 2 * live["Assumptions"]["B2"].value
    people = sum(one.person for one in found.estimate.stages)
    assert recomputed(live, "Summary", "B4") == pytest.approx(found.estimate.typical + people)


def test_a_stranger_s_words_are_never_a_formula():
    found = made(title="=1+1")
    live = openpyxl.load_workbook(io.BytesIO(workbook.render(found.estimate)))
    assert (live["Summary"]["A1"].value, live["Summary"]["A1"].data_type) == ("=1+1", "s")
    texts = [cell for sheet in live for row in sheet.iter_rows() for cell in row if "HYPERLINK" in str(cell.value)]
    assert texts
    assert all(cell.data_type == "s" and cell.hyperlink is None for cell in texts)


def test_a_plain_estimate_has_no_choice():
    found = estimate(given.FILM, given.sure(), given.book(), given.TODAY, arms=given.ARMS)
    assert costs.finding(found).startswith("$23.47 in the middle case")
    assert "budget" not in costs.as_json(found)
    assert not any("best film" in sheet.title for sheet in costs.document(found).sheets)
