"""What people and programs read: fits the terminal, says what it must, escapes what it did not write."""

import csv
import io
import json

import pytest
from filmbench.harness.compare import compare
from filmbench.harness.leaderboard import leaderboard
from filmbench.harness.report import words
from filmbench.harness.report.tables import document, render
from filmbench.harness.stats.intervals import Estimate
from rich.cells import cell_len


@pytest.fixture
def board(studio, metrics):
    return leaderboard(*studio.frames(), metrics)


@pytest.fixture
def comparison(studio, metrics):
    return compare(*studio.frames(), metrics, "steady", "flaky", margins={"tts.cer": 1.0})


def test_terminal_tables_fit_and_say_what_they_must(board):
    text = render(board, "terminal")
    assert max(cell_len(line) for line in text.splitlines()) <= 100
    for fact in (
        "lines@1.0.0",
        "2025-03-01",
        "languages: en, es",
        "total at least $",
        "1 take unpriced",
        "person (reference)",
        "silence (floor)",
        "steady-eu (not live)",
        "10 clusters",
        "Brackets are 95% skew-corrected clustered t, 8 to 10 clusters: Character error rate",
        "Few samples: of 100 such brackets of skewed scores, simulated, fewer hold the truth: 92 with 8 clusters",
        "flaky: 2 takes failed: HTTP 500: [bold]oops[/bold] | xxx",
        "english-only: 5 takes unsupported: speaks no Spanish",
        "Not shown: PESQ: all arms: free speech has no reference",
        "n too small",
        "every failure counted as the worst score",
    ):
        assert fact in " ".join(text.split()), fact
    assert "tts." not in text
    assert "nan" not in text.lower()
    first = next(line for line in text.splitlines() if "steady" in line)
    assert first.split()[0] in ("1–3", "1–2", "1")


def test_comparisons_fit_and_say_what_they_must(comparison):
    text = render(comparison, "terminal")
    assert max(cell_len(line) for line in text.splitlines()) <= 100
    for fact in ("flaky against steady", "20 samples in 10 clusters", "Largest losses", "100.00 (failed)", "Holm"):
        assert fact in text, fact
    assert "tts." not in text


def test_very_narrow_and_very_wide_terminals(board):
    for width in (60, 200):
        assert max(cell_len(line) for line in render(board, "terminal", width).splitlines()) <= width


def test_a_table_without_references_says_so(ledger, metrics):
    for sample in "ab":
        ledger.take("one", sample, mos=3)
    text = render(leaderboard(*ledger.frames(), metrics), "terminal")
    assert "no human reference" in text
    assert "all 2 samples alike: no interval" in text


def test_markdown_is_whole_tables_with_escaped_cells(board, ledger, metrics):
    text = render(board, "markdown")
    widths = {line.count("|") - line.count("\\|") for line in text.splitlines() if line.startswith("|")}
    headings = [line for line in text.splitlines() if line.startswith("### ")]
    assert len(headings) == len(document(board).sheets)
    assert len(widths) <= len(headings)
    assert "oops[/bold] \\| x" in text
    ledger.take("a|b *c*", "s", mos=3)
    assert "| a\\|b \\*c\\*" in render(leaderboard(*ledger.frames(), metrics), "markdown")


def test_csv_has_numbers_and_empty_cells(board, comparison):
    rows = list(csv.DictReader(io.StringIO(render(board, "csv"))))
    flaky = next(row for row in rows if row["Arm"] == "flaky")
    assert [row["Arm"] for row in rows] == [row.arm for row in board.rows]
    assert float(flaky["Character error rate (%)"]) == pytest.approx(board.row("flaky").values["tts.cer"].value)
    assert flaky["Character error rate (%) n"] == "18"
    assert flaky["PESQ (MOS)"] == ""
    assert flaky["Unpriced takes"] == "1"
    changes = list(csv.DictReader(io.StringIO(render(comparison, "csv"))))
    assert [row["Measure"] for row in changes[:4]] == ["Character error rate", "DistillMOS", "Loudness", "PESQ"]
    assert [row["Measure"] for row in changes[4:7]] == ["Success", "Good takes", "Asked takes"]
    assert next(row for row in changes if row["Measure"] == "Loudness")["Change"] == ""


def test_json_is_strict_and_gives_reasons_for_nulls(board, comparison):
    data = json.loads(render(board, "json"), parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    flaky = next(row for row in data["rows"] if row["arm"] == "flaky")
    assert flaky["values"]["tts.pesq"]["value"] is None
    assert flaky["values"]["tts.pesq"]["reason"] == "free speech has no reference of its own"
    assert data["primary"] == ["tts.cer", "tts.distillmos"]
    assert data["columns"][0]["signature"] == "tts.cer|test:1"
    compared = json.loads(render(comparison, "json"), parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    assert compared["changes"][0]["ruling"]["margin"] == 1.0
    assert len(compared["losses"][0]["base_artifact"]) == 64


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (words.number(-0.001, 2), "0.00"),
        (words.number(-1234.5, 1), "−1,234.5"),
        (words.number(None), "–"),
        (words.number(0.5, 1, signed=True), "+0.5"),
        (words.significant(0.012345), "0.0123"),
        (words.significant(1234.5), "1,234"),
        (words.money(0.00001234), "$0.0000123"),
        (words.money(0.05), "$0.05"),
        (words.money(12.345, at_least=True), "≥ $12.35"),
        (words.money(0.0), "$0.00"),
        (words.money(None), "–"),
        (words.p_value(0.0004), "< .001"),
        (words.p_value(0.0312), ".031"),
        (words.p_value(1.0), "1"),
        (words.rank((2, 2)), "2"),
        (words.rank((1, 3)), "1–3"),
        (words.rank(None), "–"),
        (words.estimate(Estimate(2.0, None, 3.0, 9)), "2.00 ≤ 3.00"),
        (words.one_line("a\n\x1b[31mb\t" + "c" * 300, 10), "a [31mb cc…"[:9] + "…"),
        (words.dates("2025-01-03T10:00:00Z", "2025-01-03T11:00:00Z"), "2025-01-03"),
    ],
)
def test_words(text, expected):
    assert text == expected
