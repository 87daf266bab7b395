"""Votes and ratings from the ledger to the tables: cast, refused, exchanged, ranked, and accepted by."""

from __future__ import annotations

import csv
import json
import math
import shutil
import sys

import pandas as pd
import pytest
from filmbench.harness import cli, ranking, results, votefiles, votes
from filmbench.harness.leaderboard import leaderboard
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.report import charts, html
from filmbench.harness.report.tables import render
from filmbench.harness.stats.preferences import ELO
from filmbench.harness.store import Store
from filmbench.harness.types import UsageError
from filmbench.harness.votes import Shown, Votes, cast, rate, read
from shown import ARMS, LINES

ESPEAK, FLITE = ARMS


@pytest.fixture
def folder(shown, tmp_path):
    """A copy of the shown store, to vote in."""
    shutil.copytree(shown[0], tmp_path / "store", ignore=shutil.ignore_patterns(shown[1]))
    return tmp_path / "store"


@pytest.fixture
def store(folder):
    with Store.open(folder) as opened:
        yield opened


@pytest.fixture
def take(store, shown):
    """Find the take of an arm on a sample."""
    takes = results.read(store, shown[1]).takes

    def find(arm, sample):
        row = takes[(takes["arm"] == arm) & (takes["sample"] == sample)].iloc[0]
        return Shown(arm, row["key"], int(row["epoch"]))

    return find


@pytest.fixture
def filmbench(folder, monkeypatch, capsys):
    """The real command line, in this process: exit code, output, what it says of an error."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["filmbench", *map(str, arguments), "--store", str(folder)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        said = capsys.readouterr()
        return stop.value.code or 0, said.out, said.err

    return run


def test_a_vote_is_a_row_with_all_that_was_shown(store, shown, take):
    id = cast(
        store.ledger, shown[1], take(ESPEAK, LINES[0]), take(FLITE, LINES[0]), "right", "r-1",
        reasons=("natural", "clear"), dwell_s=4.5,
    )  # fmt: skip
    (row,) = read(store.ledger, shown[1]).pairs.to_dict("records")
    assert row.pop("cast_at").endswith("+00:00")
    assert row == {
        "id": id, "contract": "tts", "dataset": "film-lines@1.0.0", "sample": LINES[0], "language": "en",
        "left_arm": ESPEAK, "left_key": take(ESPEAK, LINES[0]).key, "left_epoch": 0,
        "right_arm": FLITE, "right_key": take(FLITE, LINES[0]).key, "right_epoch": 0,
        "choice": "right", "reasons": ["natural", "clear"], "rater": "r-1", "dwell_s": 4.5,
    }  # fmt: skip
    assert read(store.ledger, shown[1]).opinions.empty


@pytest.mark.parametrize(
    ("left", "right", "said", "message"),
    [
        ((ESPEAK, LINES[0]), (FLITE, LINES[1]), {}, "of different samples"),
        ((ESPEAK, LINES[0]), (ESPEAK, LINES[0]), {}, "a vote tells two arms apart"),
        ((ESPEAK, LINES[2]), (FLITE, LINES[2]), {}, "did not come out well"),
        (("nobody", LINES[0]), (FLITE, LINES[0]), {}, "has no such take of 'nobody'"),
        ((ESPEAK, LINES[0]), (FLITE, LINES[0]), {"choice": "both"}, "a choice cannot be 'both'"),
        ((ESPEAK, LINES[0]), (FLITE, LINES[0]), {"rater": "=cmd()"}, "a rater cannot be called"),
        ((ESPEAK, LINES[0]), (FLITE, LINES[0]), {"reasons": ["<script>"]}, "a reason cannot be called"),
        ((ESPEAK, LINES[0]), (FLITE, LINES[0]), {"dwell_s": math.nan}, "not possible"),
    ],
)
def test_a_vote_names_only_what_the_run_has(store, shown, take, left, right, said, message):
    first, second = (
        Shown("nobody", "0" * 64, 0) if arm == "nobody" else take(arm, line) for arm, line in (left, right)
    )
    said = {"choice": "left", "rater": "r-1", **said}
    with pytest.raises(UsageError, match=message):
        cast(store.ledger, shown[1], first, second, **said)
    with pytest.raises(UsageError, match="no such take"):
        cast(store.ledger, "another run", take(ESPEAK, LINES[0]), take(FLITE, LINES[0]), "left", "r-1")
    assert read(store.ledger, shown[1]).empty


def test_a_rating_stays_on_its_scale_stands_for_what_it_may_and_is_given_once(store, shown, take):
    shown_take = take(ESPEAK, LINES[0])
    rate(store.ledger, shown[1], shown_take, "mos", 4, "r-1")
    rate(store.ledger, shown[1], shown_take, "mos", 2, "r-1", session="second")
    for score, scale, part, message in (
        (3, "mos", "arm", "has rated this take"),
        (5.1, "mos", "arm", r"off the scale of mos: 1\.\.5"),
        (math.nan, "mushra", "arm", "off the scale of mushra"),
        (100, "mushra", "hidden reference", "is no reference row"),
        (30, "mushra", "mid anchor", "is no reference or floor row"),
        (30, "stars", "arm", "a scale cannot be 'stars'"),
    ):
        with pytest.raises(UsageError, match=message):
            rate(store.ledger, shown[1], shown_take, scale, score, "r-1", part=part)
    assert read(store.ledger, shown[1]).opinions["score"].tolist() == [4, 2]


def vote_all(store, run, take):
    """Four raters, two lines, both sides in turn: flite wins 3 in 4 untied votes; one tie a rater."""
    for number in range(4):
        for place, line in enumerate(LINES[:2]):
            sides = [take(ESPEAK, line), take(FLITE, line)][:: 1 if place else -1]
            winner = ESPEAK if number == 0 else FLITE
            cast(store.ledger, run, *sides, "left" if sides[0].arm == winner else "right", f"jo.{number}@acme.org")
        cast(store.ledger, run, *sides, "tie", f"jo.{number}@acme.org", reasons=("alike",))


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_an_export_says_no_more_than_needed_and_comes_back_whole(store, shown, take, tmp_path, filmbench, suffix):
    vote_all(store, shown[1], take)
    rate(store.ledger, shown[1], take(FLITE, LINES[0]), "mos", 4, "jo.2@acme.org", dwell_s=2.0)
    before = read(store.ledger, shown[1])
    file = tmp_path / f"votes{suffix}"
    assert filmbench("votes", "export", file) == (0, f"13 records in {file}\n", "")
    text = file.read_text()
    for secret in ("acme", "jo.", before.pairs["cast_at"][0][11:19], "the freezer"):
        assert secret not in text
    assert filmbench("votes", "import", file)[1].endswith("; 13 were here already\n")
    # A store without the run has nothing that they could name.
    with Store.open(tmp_path / "other") as other, pytest.raises(UsageError, match=r"line \d: there is no take of"):
        votefiles.take_in(other.ledger, shown[1], file)
    shutil.copytree(shown[0], tmp_path / "copy", ignore=shutil.ignore_patterns("proxies"))
    with Store.open(tmp_path / "copy") as other:
        taken = votefiles.take_in(other.ledger, shown[1], file)
        after = read(other.ledger, shown[1])
    assert (taken.pairs, taken.opinions, taken.known) == (12, 1, 0)
    same = ["id", "sample", "left_arm", "left_key", "right_arm", "right_key", "choice", "reasons", "dwell_s"]
    ordered = [frame.sort_values("id", ignore_index=True) for frame in (before.pairs, after.pairs)]
    pd.testing.assert_frame_equal(ordered[0][same], ordered[1][same])
    # Other names, the same people.
    assert {frozenset(part) for _, part in ordered[0].groupby("rater")["id"]} == {
        frozenset(part) for _, part in ordered[1].groupby("rater")["id"]
    }
    assert after.opinions["rater"][0] in set(after.pairs["rater"])


def test_a_listening_test_held_elsewhere_needs_only_names(store, shown, tmp_path, filmbench):
    file = tmp_path / "panel.csv"
    rows = [
        {
            "sample": LINES[0],
            "left_arm": FLITE,
            "right_arm": ESPEAK,
            "choice": "left",
            "rater": "7",
            "reasons": "warm; clear",
        },
        {"sample": LINES[1], "left_arm": ESPEAK, "right_arm": FLITE, "choice": "tie", "rater": "8"},
        {"sample": LINES[1], "arm": FLITE, "scale": "mos", "score": "4", "rater": "8"},
    ]
    with file.open("w", newline="") as opened:
        names = list({name: None for row in rows for name in row})
        writer = csv.DictWriter(opened, names)
        writer.writeheader()
        writer.writerows(rows)
    code, out, _ = filmbench("votes", "import", file, "--json")
    assert (code, json.loads(out)) == (0, {"run": shown[1], "votes": 2, "opinions": 1, "known": 0})
    listed = json.loads(filmbench("votes", "list", "--json")[1])
    assert [one["choice"] for one in listed["votes"]] == ["left", "tie"]
    assert listed["votes"][0]["reasons"] == ["warm", "clear"]
    assert "flite slt" in filmbench("votes", "list")[1]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"sample": "en-s01-l1", "rater": "7"}', "line 2: it has neither a choice nor a score"),
        ('{"sample": "none", "arm": "flite slt", "scale": "mos", "score": 4}', "line 2: there is no take"),
        ('{"smaple": "en-s01-l1"}', "line 2: 'smaple' is no column of votes"),
        ('{"arm": "flite slt", "scale": "mos", "score": "x", "rater": "7"}', "line 2: score cannot be 'x'"),
        ('{"run": "other", "choice": "left", "rater": "7"}', "line 2: it is of run other"),
        ("{", "line 2: not valid JSON"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_and_nothing_is_taken_in(store, shown, tmp_path, filmbench, line, message):
    file = tmp_path / "panel.jsonl"
    good = {"sample": LINES[0], "left_arm": FLITE, "right_arm": ESPEAK, "choice": "left", "rater": "7"}
    file.write_text(f"{json.dumps(good)}\n{line}\n")
    code, _, error = filmbench("votes", "import", file)
    assert code == 2
    assert message in error
    assert read(store.ledger, shown[1]).empty


def test_ratings_by_votes_stand_in_every_table_and_beside_the_doubts(store, shown, take, filmbench):
    vote_all(store, shown[1], take)
    (board,) = results.read(store, shown[1]).boards()
    flite, espeak = board.row(FLITE), board.row(ESPEAK)
    assert (flite.voted.votes, flite.voted.raters) == (12, 4)
    assert (flite.voted.wins, flite.voted.ties, flite.voted.losses) == (6, 4, 2)
    assert flite.voted.rating.value - espeak.voted.rating.value == pytest.approx(2 * ELO * math.log(3) / 2, abs=0.01)
    assert board.ranked_by == "tts.cer"  # a metric ranks this stage; people stand beside it
    assert "Rating by votes" in [plot.title.removesuffix(" ↑") for plot in charts.plots(board)]
    for format in ("terminal", "markdown", "csv", "json"):
        assert "votes" in render(board, format)
    line = next(csv.DictReader(render(board, "csv").splitlines()))
    assert (line["Votes"], line["Raters"], line["Votes won"]) == ("12", "4", "6")
    code, out, _ = filmbench("votes", "rank", "--json")
    (panel,) = json.loads(out)["panels"]
    assert code == 0
    assert panel["voted"]["preferences"]["side"]["value"] == pytest.approx(0.5)
    assert panel["voted"]["preferences"]["top_holds"] is True
    text = " ".join(filmbench("votes", "rank")[1].split())
    for fact in (
        "12 votes of 4 raters",
        "6/4/2",
        "Side bias: 50",
        "flite slt stays first whoever is left out",
        "Whoever is",
    ):
        assert fact in text


def test_the_report_draws_the_ratings_and_tells_how_they_were_made(store, shown, take):
    vote_all(store, shown[1], take)
    found = results.read(store, shown[1])
    page = html.render(store, found, found.boards())
    for fact in ("People&#39;s votes", "Rating by votes ↑", "6/4/2", "12 votes of 4 raters", 'class="plot scatter"'):
        assert fact in page, fact


def test_a_run_that_nobody_voted_on_is_nothing_measured(folder, filmbench):
    code, _, error = filmbench("votes", "rank")
    assert code == 3
    assert "nobody has voted" in error
    assert "nobody has voted" in filmbench("votes", "list")[1]


def test_mushra_and_mos_are_analysed_session_by_session(store, shown, take, filmbench):
    for rater in range(3):
        for line in LINES[:2]:
            rate(store.ledger, shown[1], take(FLITE, line), "mos", 3 + rater % 2, f"r{rater}")
            rate(store.ledger, shown[1], take(FLITE, line), "mushra", 60, f"r{rater}", session="studio")
    (panel,) = json.loads(filmbench("votes", "rank", "--json")[1])["panels"]
    first, second = panel["sessions"]
    assert (first["scale"], first["mos"][0]["score"]["value"]) == ("mos", pytest.approx(10 / 3))
    assert second["mushra"] is None
    assert "hidden reference" in second["reason"]
    assert "fewer than 8 ratings (ITU-T P.808)" in " ".join(filmbench("votes", "rank")[1].split())


# Contracts that only people rank, and rules by what people said, on ledgers written by hand.

STEADY = MetricSpec("video.steady", "Steadiness", "", "video.steady|test:1", ("video",), True, "proxy", low=0, high=1)


def said(takes, *ballots, opinions=()):
    """Votes frames from (left arm, right arm, choice, rater, sample) and (arm, scale, score, rater, sample, part)."""
    by_name = {(row["arm"], row["sample"]): row for row in takes}

    def named(arm, sample, lead=""):
        row = by_name[arm, sample]
        return {f"{lead}arm": arm, f"{lead}key": row["key"], f"{lead}epoch": row["epoch"]}

    def common(number, sample, rater):
        return {"id": f"v{number}", "sample": sample, "language": "en", "dataset": "d", "rater": rater}

    pairs = [
        {**common(n, sample, rater), **named(left, sample, "left_"), **named(right, sample, "right_"), "choice": choice}
        for n, (left, right, choice, rater, sample) in enumerate(ballots)
    ]
    rated = [
        {
            **common(n, sample, rater),
            **named(arm, sample),
            "scale": scale,
            "session": "main",
            "part": part,
            "score": score,
        }
        for n, (arm, scale, score, rater, sample, part) in enumerate(opinions)
    ]  # fmt: skip
    return Votes(
        pd.DataFrame(pairs, columns=list(pairs[0]) if pairs else list(_PAIRS)),
        pd.DataFrame(rated, columns=list(rated[0]) if rated else list(_OPINIONS)),
    )


_PAIRS = tuple(column.name for column in votes.schema.votes.c if column.name != "run")
_OPINIONS = tuple(column.name for column in votes.schema.opinions.c if column.name != "run")


def clips(ledger, *arms):
    for sample in ("a", "b"):
        for arm, role in arms:
            row = ledger.take(arm, sample, contract="video", role=role)
            ledger.score(row, STEADY, 0.5)


def test_people_rank_the_stages_that_no_metric_ranks(ledger):
    clips(ledger, ("one", "arm"), ("two", "arm"), ("person", "reference"))
    ballots = [("one", "two", "left", f"r{n}", "a") for n in range(12)]
    ballots += [("two", "one", "left", "r3", "b"), ("one", "two", "tie", "r4", "b")]
    ballots += [("person", "one", "left", f"r{n}", "b") for n in range(12)] + [("one", "person", "left", "r5", "a")]
    takes, scores = ledger.frames()
    board = leaderboard(takes, scores, (STEADY,), votes=said(ledger.takes, *ballots))
    assert board.ranked_by == "votes"
    assert [(row.arm, row.rank) for row in board.rows] == [("person", None), ("one", (1, 1)), ("two", (2, 2))]
    assert board.rows[0].voted.ranks is None  # a person is rated but not ranked among the machines
    assert charts.finding(board) == "one has the highest rating by votes of 2 arms at 95 % confidence."
    assert not any("no ranks" in note for note in board.notes)
    assert "Ranks: people's votes" in render(board, "markdown")
    assert board.row("two").tradeoff.quality == pytest.approx(board.row("two").voted.rating.value)


def test_groups_that_were_never_compared_are_not_ranked_and_the_reason_is_told(ledger):
    clips(ledger, ("one", "arm"), ("two", "arm"), ("three", "arm"), ("four", "arm"))
    takes, scores = ledger.frames()
    ballots = [("one", "two", "left", "r1", "a"), ("three", "four", "right", "r2", "a")]
    board = leaderboard(takes, scores, (STEADY,), votes=said(ledger.takes, *ballots))
    assert board.ranked_by is None
    assert {row.rank for row in board.rows} == {None}
    reason = "these were never compared with each other: one, two; four, three"
    assert board.voted.reason.endswith(reason) or "never compared" in board.voted.reason
    assert "never compared with each other" in render(board, "markdown")
    assert "no ranks" in render(board, "markdown")


def test_votes_of_one_rater_rank_nobody(ledger):
    clips(ledger, ("one", "arm"), ("two", "arm"))
    takes, scores = ledger.frames()
    ballots = [("one", "two", "left", "me", "a")] * 9 + [("one", "two", "right", "me", "b")]
    board = leaderboard(takes, scores, (STEADY,), votes=said(ledger.takes, *ballots))
    assert {row.rank for row in board.rows} == {(1, 2)}
    assert board.row("one").voted.rating.low is None
    assert "one rater only: no interval" in render(board, "markdown")


def test_the_undefeated_are_flagged_in_the_table(ledger):
    clips(ledger, ("one", "arm"), ("two", "arm"))
    takes, scores = ledger.frames()
    ballots = [("one", "two", "left", f"r{n}", "a") for n in range(5)]
    text = render(leaderboard(takes, scores, (STEADY,), votes=said(ledger.takes, *ballots)), "markdown")
    assert "one is undefeated: its rating leans on the prior" in text
    assert "two is winless" in text


def test_votes_of_another_language_or_contract_are_not_counted(ledger):
    clips(ledger, ("one", "arm"), ("two", "arm"))
    other = [ledger.take(arm, "c", contract="video", language="es") for arm in ("one", "two")]
    takes, scores = ledger.frames()
    heard = said(ledger.takes, ("one", "two", "left", "r", "a"), ("two", "one", "left", "s", "c"))
    assert leaderboard(takes, scores, (STEADY,), votes=heard).voted.votes == 2
    assert leaderboard(takes, scores, (STEADY,), languages=["en"], votes=heard).voted.votes == 1
    assert other[0]["language"] == "es"


def test_people_may_decide_which_takes_will_do(ledger, metrics):
    for sample in ("a", "b", "c"):
        for arm in ("voice", "other"):
            ledger.take(arm, sample, mos=4.0, billed_usd=0.03)
    heard = said(
        ledger.takes,
        *[("voice", "other", "left", f"r{n}", "a") for n in range(3)],
        *[("voice", "other", "right", f"r{n}", "b") for n in range(3)],
        opinions=[
            ("voice", "mos", score, rater, sample, "arm")
            for sample, rater, score in (("a", "r", 4), ("a", "s", 5), ("b", "r", 2), ("b", "s", 3))
        ],
    )
    takes, scores = ledger.frames()
    by_votes = leaderboard(takes, scores, metrics, accept={"votes.share": 0.5}, votes=heard).row("voice").acceptance
    assert (by_votes.rate.value, by_votes.judged) == (0.5, 2)  # nobody voted on the third
    assert by_votes.per_second == pytest.approx(0.06 / 6)
    board = leaderboard(takes, scores, metrics, accept={"votes.mos": 3.5}, votes=heard)
    assert board.row("voice").acceptance.rate.value == 0.5
    assert board.row("other").acceptance.reason == "no take was judged"
    assert "Opinion score at least 3.5 MOS" in render(board, "markdown")


def test_a_mushra_panel_screens_those_who_miss_the_reference(ledger, metrics):
    for sample in ("a", "b"):
        ledger.take("voice", sample, mos=4.0)
        ledger.take("person", sample, role="reference", mos=5.0)
    fit = [("person", "mushra", 100, "r", s, "hidden reference") for s in "ab"]
    unfit = [("person", "mushra", 40, "s", s, "hidden reference") for s in "ab"]
    rated = [("voice", "mushra", score, rater, s, "arm") for rater, score in (("r", 70), ("s", 10)) for s in "ab"]
    heard = said(ledger.takes, opinions=[*fit, *unfit, *rated])
    from filmbench.harness.units import tidy

    panel = ranking.panel(tidy(ledger.frames()[0]), heard)
    (session,) = panel.sessions
    assert list(session.mushra.screened) == ["s"]
    assert [(one.arm, one.median) for one in session.mushra.arms] == [("hidden reference", 100), ("voice", 70)]
    takes, scores = ledger.frames()
    board = leaderboard(takes, scores, metrics, accept={"votes.mushra": 60}, votes=heard)
    assert board.row("voice").acceptance.rate.value == 1.0
