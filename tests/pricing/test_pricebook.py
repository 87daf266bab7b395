"""The price book gives exact money for what it knows and a reason for what it does not."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from filmbench.harness import registry
from filmbench.harness.pricing import book, from_nano, nano
from filmbench.harness.pricing.reading import OURS
from filmbench.harness.types import FREE, Usage, UsageError

TODAY = date(2026, 11, 22)


def usage(**quantities: str) -> Usage:
    return Usage({unit: Decimal(amount) for unit, amount in quantities.items()})


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    for variable in ("FILMBENCH_PRICES", "FILMBENCH_CARTESIA_PLAN"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def own_prices(tmp_path, monkeypatch):
    def write(content: str, name: str = "prices.yaml"):
        path = tmp_path / name
        path.write_text(content)
        monkeypatch.setenv("FILMBENCH_PRICES", str(path))
        return book()

    return write


@pytest.mark.parametrize(
    ("provider", "quantities", "usd"),
    [
        ("elevenlabs/eleven_v3", {"character": "1000"}, "0.08"),
        ("elevenlabs/eleven_v3", {"character": "1"}, "0.00008"),
        ("elevenlabs/eleven_flash_v2_5", {"character": "37"}, "0.00148"),
        ("elevenlabs/eleven_flash_v2_5", {"credit": "18.5"}, "0.00148"),
        ("openai/tts-1-hd", {"character": "123"}, "0.00369"),
        ("openai/gpt-4o-mini-tts", {"output_second": "3.2"}, "0.0008"),
        ("openai/gpt-4o-mini-tts", {"audio_output_token": "500", "text_input_token": "40"}, "0.006024"),
    ],
)
def test_known_units_are_priced_exactly(provider, quantities, usd):
    price = book().price(provider, usage(**quantities), TODAY)
    assert price.usd == price.at_most == Decimal(usd)
    assert price.reason is None
    assert all(f"{row.vendor}/{row.model}" == provider and row.source for row in price.rows)
    assert from_nano(nano(price.usd)) == price.usd


def test_a_thousand_tiny_prices_add_up_without_drift():
    one = book().price("openai/tts-1", usage(character="1"), TODAY).usd
    assert sum([one] * 1000, Decimal(0)) == Decimal("0.015")
    assert nano(one) * 1000 == nano(Decimal("0.015"))


def test_a_price_that_does_not_divide_is_rounded_up_to_a_nano_dollar():
    price = book().price("openai/gpt-4o-mini-tts", usage(output_second="0.3333333"), TODAY)
    assert price.usd == Decimal("0.000083334")
    assert nano(price.usd) == 83334


def test_nano_refuses_what_it_cannot_hold():
    assert nano(Decimal("0.000000001")) == 1
    with pytest.raises(ValueError, match="nano"):
        nano(Decimal("0.0000000001"))


@pytest.mark.parametrize(
    ("provider", "quantities", "says"),
    [
        ("elevenlabs/eleven_v9", {"character": "10"}, "no row for elevenlabs/eleven_v9"),
        ("elevenlabs/eleven", {"character": "10"}, "no row for elevenlabs/eleven"),
        ("openai/tts-1", {"credit": "10"}, "by character, not by credit"),
        ("typecast/ssfm-v30", {"character": "10"}, "dollar price of a credit"),
        ("openai/tts-1", {}, "no evidence of use"),
    ],
)
def test_what_is_not_known_is_unpriced_with_a_reason(provider, quantities, says):
    price = book().price(provider, usage(**quantities), TODAY)
    assert price.usd is None
    assert price.at_most is None
    assert says in price.reason


def test_one_unpriced_quantity_leaves_the_whole_unpriced():
    price = book().price("openai/tts-1", usage(character="10", credit="1"), TODAY)
    assert price.usd is None
    assert price.at_most is None


def test_history_prices_nothing():
    superseded = [row for row in book().rows if row.status == "superseded"]
    assert superseded
    for row in superseded:
        assert book().price(f"{row.vendor}/{row.model}", usage(**{row.unit: "10"}), TODAY).usd is None


def test_money_stated_by_the_vendor_or_free_needs_no_row():
    assert book().price("local/espeak-ng", FREE, TODAY).usd == 0
    assert book().price("runway/gen4", Usage(usd=Decimal("0.123456789")), TODAY).usd == Decimal("0.123456789")


def test_without_a_plan_there_is_a_ceiling_but_no_price(monkeypatch):
    open_plan = book().price("cartesia/sonic-3", usage(character="1000"), TODAY)
    assert open_plan.usd is None
    assert open_plan.at_most == Decimal("0.065")
    assert "FILMBENCH_CARTESIA_PLAN" in open_plan.reason
    assert "scale" in open_plan.reason

    chosen = book().price("cartesia/sonic-3", usage(character="1000"), TODAY, plan="Scale")
    assert chosen.usd == chosen.at_most == Decimal("0.038")

    monkeypatch.setenv("FILMBENCH_CARTESIA_PLAN", "startup")
    assert book().price("cartesia/sonic-3", usage(character="1000"), TODAY).usd == Decimal("0.045")
    assert book().price("cartesia/sonic-3", usage(character="1000"), TODAY, plan="pro").usd == Decimal("0.065")


def test_an_unknown_plan_is_a_usage_error_that_names_the_plans():
    with pytest.raises(UsageError) as caught:
        book().price("cartesia/sonic-3", usage(character="1"), TODAY, plan="platinum")
    assert "pro" in caught.value.hint


def test_the_book_does_not_speak_for_days_before_its_sources():
    price = book().price("openai/tts-1", usage(character="10"), date(2025, 1, 1))
    assert price.usd is None
    assert "its first is of 2026-11-01" in price.reason


def test_a_later_row_takes_over_from_its_date_on(own_prices):
    prices = own_prices(
        """
        - {vendor: ac, model: m, unit: character, per: 1000, usd: 0.10, as_of: 2026-01-01, source: s, confidence: high}
        - {vendor: ac, model: m, unit: character, per: 1000, usd: 0.05, as_of: 2026-06-01, source: s, confidence: high}
        - {vendor: ac, model: m, unit: character, per: 1000, usd: 0.20, as_of: 2026-06-01, valid_from: 2027-01-01,
           source: announced, confidence: high}
        """
    )
    on = lambda day: prices.price("ac/m", usage(character="1000"), day).usd  # noqa: E731
    assert on(date(2026, 5, 31)) == Decimal("0.1")
    assert on(date(2026, 6, 1)) == Decimal("0.05")
    assert on(date(2026, 12, 31)) == Decimal("0.05")
    assert on(date(2027, 1, 1)) == Decimal("0.2")


def test_own_rows_fill_gaps_and_go_before_ours(own_prices):
    before = book()
    prices = own_prices(
        """
        - {vendor: typecast, model: ssfm-v30, unit: character, per: 1000, usd: 0.9, as_of: 2026-10-01,
           source: our invoice of October, confidence: stated}
        - {vendor: cartesia, model: sonic-3, unit: character, per: 1000, usd: 0.03, as_of: 2026-01-01,
           source: contract, confidence: stated}
        """
    )
    assert prices.price("typecast/ssfm-v30", usage(character="10"), TODAY).usd == Decimal("0.009")
    assert prices.price("typecast/ssfm-v21", usage(character="10"), TODAY).usd is None
    assert prices.price("cartesia/sonic-3", usage(character="1000"), TODAY).usd == Decimal("0.03")
    assert prices.sha256 != before.sha256


TOML = """
[[prices]]
vendor = "typecast"
model = ["ssfm-v30", "ssfm-v21"]
unit = "character"
per = 1_000
usd = 0.9
as_of = 2026-10-01
source = "our invoice of October"
confidence = "stated"

[[models]]
vendor = "typecast"
model = "ssfm-v21"
retired_on = 2026-12-31
as_of = "2026-10"
source = "their letter"
"""


def test_own_rows_may_be_toml_and_speak_for_several_models(own_prices):
    prices = own_prices(TOML, "prices.toml")
    for model in ("ssfm-v30", "ssfm-v21"):
        assert prices.price(f"typecast/{model}", usage(character="10"), TODAY).usd == Decimal("0.009")
    assert all(row.own for row in prices.of("typecast/ssfm-v30") if row.usd)
    assert prices.lifetime("typecast/ssfm-v30") is None
    assert prices.ending("typecast/ssfm-v21", TODAY) == "to be retired on 2026-12-31 according to their letter"


def test_a_price_in_toml_is_read_digit_by_digit(own_prices):
    prices = own_prices(TOML.replace("0.9", "0.123456789"), "prices.toml")
    assert prices.price("typecast/ssfm-v30", usage(character="1000"), TODAY).usd == Decimal("0.123456789")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("usd = 0.9", ""), "row 1: Value error, a row without usd needs a reason"),
        (("usd = 0.9", 'usd = "dear"'), "row 1: usd"),
        (("retired_on = 2026-12-31", ""), "model 1: Value error, a model's row needs available_from or retired_on"),
        (("retired_on = 2026-12-31", 'retired_on = "soon"'), "model 1: retired_on"),
        (('model = "ssfm-v21"', ""), "model 1: model"),
        (("[[models]]", "[[modles]]"), "[[prices]] and [[models]]"),
        (("[[prices]]", "[[prices"), "line 2"),
    ],
)
def test_a_malformed_toml_file_is_named_with_row_and_field(own_prices, change, says):
    with pytest.raises(UsageError) as caught:
        own_prices(TOML.replace(*change), "prices.toml")
    assert "prices.toml" in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("provider", "on", "over", "says"),
    [
        ("openai/gpt-image-1", date(2026, 10, 22), False, "2026-10-23"),
        ("openai/gpt-image-1", date(2026, 10, 23), True, "2026-10-23"),
        ("openai/dall-e-3", TODAY, True, "2026-05-12"),
        ("openai/gpt-image-1.5", TODAY, False, "gpt-image-2.6-sunburst takes its place"),
        ("runway/gen3a_turbo", TODAY, True, "2026-07-30"),
    ],
)
def test_the_book_knows_when_models_end_and_who_says_so(provider, on, over, says):
    life = book().lifetime(provider)
    assert life.over(on) is over
    assert life.ending(on).startswith("retired on" if over else "to be retired on")
    assert says in life.ending(on)
    assert life.source in life.ending(on)


def test_of_two_words_about_an_end_the_later_holds(own_prices):
    rows = "".join(
        f'[[models]]\nvendor = "ac"\nmodel = "m"\nretired_on = {end}\nas_of = "{said}"\nsource = "s"\n'
        for end, said in (("2027-06-01", "2026-11"), ("2026-12-01", "2026-06"))
    )
    assert own_prices(rows, "prices.toml").lifetime("ac/m").retired_on == date(2027, 6, 1)


def test_every_file_of_ours_names_its_vendor_by_its_name_alone():
    files = sorted(OURS.glob("*.toml"))
    assert {row.vendor for row in book().rows} == {path.stem for path in files}
    assert not [path.name for path in files if "\nvendor" in path.read_text()]


def test_what_the_catalogue_offers_is_in_the_book():
    """Every vendor's model that can be asked has a row, be it one that says why no price is known."""
    ours = [one for one in registry.providers().items.values() if type(one).__module__.startswith("filmbench.")]
    offered = [one.spec for one in ours if not one.spec.local and not one.spec.by_hand]
    assert offered
    assert not [spec.id for spec in offered if not book().of(spec.id)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("just words", "must hold a list"),
        ("- {vendor: a, model: b, unit: c, usd: 1, as_of: 2026, source: s, confidence: sure}", "row 1: confidence"),
        (
            "- {vendor: a, model: b, unit: c, usd: 1, as_of: 2026, source: s, confidence: low, per: 0}",
            "per must be positive",
        ),
        (
            "- {vendor: a, model: b, unit: c, usd: null, as_of: 2026, source: s, confidence: low, status: unknown}",
            "reason",
        ),
        ("- {vendor: a, model: b, unit: c, usd: 1, as_of: soon, source: s, confidence: low}", "row 1"),
        ("- {vendor: a, model: b, unit: c, usd: 1, as_of: 2026, source: s, confidence: low, colour: red}", "colour"),
        ("- {vendor: a, model: b, unit: c, usd: cheap, as_of: 2026, source: s, confidence: low}", "row 1: usd"),
        ("- {vendor: a, model: b, usd: 1, as_of: 2026, source: s, confidence: low}", "unit"),
        ("- [", "while parsing"),
    ],
)
def test_a_malformed_file_is_named_with_row_and_field(own_prices, content, says):
    with pytest.raises(UsageError) as caught:
        own_prices(content)
    assert "prices.yaml" in str(caught.value)
    assert says in str(caught.value)


def test_a_missing_file_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("FILMBENCH_PRICES", str(tmp_path / "none.yaml"))
    with pytest.raises(UsageError, match="is not a file"):
        book()


def test_every_row_of_ours_has_source_date_and_age():
    rows = book().rows
    assert len({(r.vendor, r.model, r.unit, r.plan, r.as_of, r.status) for r in rows}) == len(rows)
    for row in rows:
        assert row.source
        assert 0 <= row.age(TODAY) < 400
        assert row.stale(row.since + timedelta(days=91)) or row.valid_from


def test_old_sources_are_listed_as_stale():
    old = {(row.vendor, row.as_of) for row in book().stale(TODAY)}
    assert {("fal", "2026-06-12"), ("heygen", "2026"), ("runway", "2026-07-11")} <= old
    assert not {as_of for _, as_of in old if as_of[:7] in ("2026-09", "2026-10", "2026-11")}
    later = date(2027, 3, 1)
    stale = book().stale(later)
    assert len(stale) == sum(row.status in ("current", "unknown") for row in book().rows)
    assert book().price("openai/tts-1", usage(character="1"), later).age(later) == 120
