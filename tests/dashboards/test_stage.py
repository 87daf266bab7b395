"""The stage page as people meet it: with a run, with filters, with what is missing."""

import pytest
from filmbench.dashboards import plots, query, theme
from filmbench.harness import results
from filmbench.harness.report import charts, words
from filmbench.harness.store import Store, schema
from shown import ARMS


def figures(page):
    return [element.proto.spec for element in page.get("plotly_chart")]


def test_the_page_shows_leaderboard_intervals_and_plots(dashboard, store):
    page = dashboard(store, "stage")
    assert not page.exception and not page.error
    assert [tab.label for tab in page.tabs] == ["Quality", "Other measures", "Latency", "Cost", "Coverage"]
    quality = page.dataframe[0].value
    with Store.reading(store) as opened:
        board = results.read(opened).boards()[0]
    assert page.header[0].value == theme.plain(charts.finding(board))
    assert list(quality["Arm"]) == [row.arm for row in board.rows]
    for row, shown in zip(board.rows, quality.to_dict("records"), strict=True):
        found = row.values["tts.cer"]
        assert shown["Character error rate (%) ↓"] == pytest.approx(found.value)
        assert shown["Character error rate, 95 % interval"] == (words.interval(found.low, found.high, 1) or "–")
    drawn = " ".join(figures(page))
    for title in ("Character error rate", "Character error rate and time", "Time to make a take", "How takes ended"):
        assert f'"text":"{title}"' in drawn
    assert '"name":"no arm is both better and faster"' in drawn
    assert theme.plain("Character error rate: all 2 arms tie at 95 %") in page.warning[0].value
    assert "and cost" not in drawn and any("no plot of quality against cost" in one.value for one in page.caption)


def test_what_was_not_scored_yet_is_told_and_not_plotted(dashboard, store):
    with Store.open(store) as opened:
        opened.ledger.write_now(lambda c: c.execute(schema.scores.delete().where(schema.scores.c.metric == "tts.cer")))
    page = dashboard(store, "stage")
    assert not page.exception
    assert "Character error rate" not in " ".join(figures(page))
    assert any("not scored" in text.value for text in page.markdown)


def test_one_language_has_a_table_of_its_own(dashboard, store):
    page = dashboard(store, "stage", language="es")
    assert not page.exception
    quality = page.dataframe[0].value.set_index("Arm")
    assert quality.loc[ARMS[0], "Character error rate (%) ↓"] == pytest.approx(50.0)
    assert quality.loc[ARMS[1]].isna()["Character error rate (%) ↓"]


def test_tags_and_a_price_narrow_the_table_down(dashboard, store):
    page = dashboard(store, "stage")
    page.multiselect(key="tags").set_value(["science-fiction"]).run()
    assert list(page.dataframe[0].value["Planned takes"]) == [1, 1]
    page.multiselect(key="tags").set_value(["science-fiction", "sadness"]).run()
    assert not page.exception and "No take fits these filters" in page.info[0].value
    task = next(iter(query.boards(query.runs()[0].id)))
    with Store.open(store) as opened:
        dear = schema.takes.update().where(
            schema.takes.c.key.in_(
                schema.requests.select().with_only_columns(schema.requests.c.key).where(
                    schema.requests.c.provider == "local/flite"
                )
            )
        )  # fmt: skip
        opened.ledger.write_now(lambda c: c.execute(dear.values(billed_nano=2_000_000)))
    run = query.runs()[0].id
    price = query.boards(run)[task].row(ARMS[1]).cost.unit_price
    assert price and [row.arm for row in query.board(run, task, query.Filter(most_usd=price / 2)).rows] == [ARMS[0]]
    assert len(query.board(run, task, query.Filter(most_usd=price)).rows) == 2
    page = dashboard(store, "stage")
    assert "Character error rate and cost" in " ".join(figures(page))
    page.number_input(key="most").set_value(price / 2).run()
    assert list(page.dataframe[0].value["Arm"]) == [ARMS[0]]


def test_days_narrow_the_takes_down(store, monkeypatch):
    monkeypatch.setenv("FILMBENCH_STORE", str(store))
    run = query.runs()[0].id
    task = next(iter(query.boards(run)))
    tags, days = query.facets(run, task)
    assert {"science-fiction", "sadness"} <= set(tags) and days and days[0] == days[1]
    assert len(query.takes(run, task, query.Filter(first=days[0], last=days[1]))) == 5
    assert len(query.takes(run, task, query.Filter(last="2001-01-01"))) == 0


def test_a_card_of_each_measure_is_one_click_away(dashboard, store):
    page = dashboard(store, "stage")
    said = " ".join(text.value for text in page.markdown)
    assert "**Character error rate** (%)" in said and "lower is better" in " ".join(one.value for one in page.caption)


def test_refusals_and_failures_are_told_apart(dashboard, store):
    with Store.open(store) as opened:
        takes = schema.takes
        first = takes.select().with_only_columns(takes.c.key).where(takes.c.outcome == "ok").limit(1).scalar_subquery()
        opened.ledger.write_now(
            lambda c: c.execute(
                takes.update().where(takes.c.key == first).values(outcome="refused", reason="not said aloud")
            )
        )
    drawn = " ".join(figures(dashboard(store, "stage")))
    assert '"name":"refused"' in drawn and '"name":"failed"' not in drawn


def test_colours_stay_with_their_arms():
    few, many = theme.colours(["b", "a"]), theme.colours(["a", "b", "c"])
    assert few["a"] == many["a"] and len(set(many.values())) == 3
    assert len(set(theme.colours(str(number) for number in range(12)).values())) == 12


def test_words_of_strangers_are_no_markup_in_figures(dashboard, store):
    drawn = " ".join(figures(dashboard(store, "stage")))
    assert plots._words(ARMS[0]) in drawn.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&")
    assert ARMS[0] not in drawn


def test_colours_are_legible_on_every_paper():
    papers = [
        theme.OPTIONS[f"theme.{scheme}.{name}ackgroundColor"]
        for scheme in ("light", "dark")
        for name in ("b", "secondaryB")
    ]
    for colour in (*theme.ARMS, theme.REFERENCE, theme.FLOOR, *theme.OUTCOMES.values()):
        assert min(contrast(colour, paper) for paper in papers) >= 3, colour


def contrast(one, other):
    """WCAG's contrast ratio of two colours."""
    darker, lighter = sorted(luminance(colour) for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
