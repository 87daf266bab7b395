"""Vendors of pictures over real HTTP: what comes, what it costs, each class of failure, keys, and the engine."""

import asyncio
import hashlib
import io
import json
from datetime import date
from decimal import Decimal

import pytest
from filmbench.adapters._http import CutStream, HttpError, NoAnswer, NotSent, Withheld
from filmbench.harness import plan, suite
from filmbench.harness.engine import runs
from filmbench.harness.engine.loop import Engine
from filmbench.harness.engine.reuse import Reuse
from filmbench.harness.pricing import book, from_nano
from filmbench.harness.protocols import Refusal
from filmbench.harness.store import Store, schema
from filmbench.harness.types import Arm, Outcome, Request, Sample, UsageError
from loopback.rig import PICTURES as CASES
from loopback.rig import Case, ask, with_server
from loopback.server import KEY, running
from PIL import Image
from sqlalchemy import select

TODAY = date(2026, 11, 22)
PROMPT = "A harbour at dusk, fog over the water, lamps just lit."


@pytest.fixture(autouse=True)
def _keys(monkeypatch):
    for case in CASES:
        monkeypatch.setenv(case.key, KEY)


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request) -> Case:
    return request.param


def request_for(provider, url, prompt=PROMPT, size="640x360", params=None, **inputs):
    sample = Sample("s1", "test", {"prompt": prompt, "size": size, **inputs})
    return Request("background", sample, Arm(provider.spec.id, "arm", params or {}), {"adapter": "1"}, url)


def outcome_of(case, *script, model=None, **asked):
    async def work(provider, server):
        server.script.extend(script)
        got = await ask(provider, request_for(provider, server.url, **asked))
        return got, (provider.classify(got.error) if got.error else None), server

    return with_server(case, work, model)


def test_every_model_makes_a_picture(case):
    for provider in case.providers:
        got, _, server = outcome_of(case, model=provider.model)
        assert got.error is None
        assert got.speech.role == "image"
        width, height = Image.open(io.BytesIO(got.speech.content)).size
        assert abs(width / height - 16 / 9) < 0.1
        assert server.counts.billed == 1


@pytest.mark.parametrize("case", CASES[:2], ids=lambda case: case.name)
@pytest.mark.parametrize("codec", ["png", "jpeg", "webp"])
def test_the_codec_asked_for_comes_and_is_called_so(case, codec):
    got, _, _ = outcome_of(case, params={"output_format": codec})
    assert got.speech.media_type == f"image/{codec}"
    assert Image.open(io.BytesIO(got.speech.content)).format == codec.upper()


def test_the_bill_is_within_the_quote(case):
    for provider in case.providers:

        async def work(provider, server):
            request = request_for(provider, server.url)
            quote = await provider.quote(request)
            return quote.expected, quote.ceiling, (await ask(provider, request)).usage

        usages = with_server(case, work, provider.model)
        expected, ceiling, billed = (book().price(provider.spec.id, usage, TODAY) for usage in usages)
        assert 0 < expected.usd <= ceiling.at_most, provider.spec.id
        assert 0 < billed.usd <= ceiling.at_most, provider.spec.id


def test_tokens_are_billed_as_the_answer_tells_them():
    got, _, _ = outcome_of(CASES[0], model="gpt-image-2.5-flare")
    assert got.usage.quantities == {"text_input_token": Decimal(len(PROMPT) // 4), "image_output_token": Decimal(440)}
    assert book().price("openai/gpt-image-2.5-flare", got.usage, TODAY).usd == Decimal("0.013265")


def test_the_palette_goes_with_the_prompt(case):
    _, _, server = outcome_of(case, palette="#102040 #f0c080")
    assert "#102040 #f0c080" in str(server.requests[0]["body"])


def test_a_size_that_does_not_fit_is_rounded_up():
    _, _, server = outcome_of(CASES[0], size="1920x1080")
    assert server.requests[0]["body"]["size"] == "1920x1088"


@pytest.mark.parametrize(
    ("size", "ratio"), [("1920x1080", "16:9"), ("1000x1000", "1:1"), ("1080x1920", "9:16"), ("2390x1000", "21:9")]
)
def test_the_nearest_ratio_is_asked_for(size, ratio):
    _, _, server = outcome_of(CASES[1], size=size)
    assert server.requests[0]["body"]["aspect_ratio"] == ratio


@pytest.mark.parametrize(
    ("asked", "outcome"),
    [
        ({"prompt": "  "}, Outcome.INVALID),
        ({"prompt": "a" * 40_000}, Outcome.UNSUPPORTED),
        ({"size": "large"}, Outcome.INVALID),
        ({"size": "00x360"}, Outcome.INVALID),
    ],
)
def test_bad_requests_are_refused_before_anything_is_sent(case, asked, outcome):
    provider = case.provider()
    with pytest.raises(Refusal) as caught:
        asyncio.run(provider.prepare(request_for(provider, "http://127.0.0.1:9", **asked), None))
    assert caught.value.outcome is outcome


def test_a_size_beyond_the_model_is_unsupported():
    provider = CASES[0].provider()
    for size in ("7680x4320", "3200x320"):
        with pytest.raises(Refusal, match="makes no picture"):
            asyncio.run(provider.prepare(request_for(provider, "http://127.0.0.1:9", size=size), None))


STATUSES = [
    ("401", Outcome.FAILED, {}),
    ("402", Outcome.FAILED, {}),
    ("403", Outcome.FAILED, {}),
    ("404", Outcome.RETIRED, {}),
    ("410", Outcome.RETIRED, {}),
    ("422", Outcome.INVALID, {}),
    ("429:7", Outcome.FAILED, {"again": True, "rate_limited": True, "after": 7.0}),
    ("500", Outcome.FAILED, {"again": True, "outage": True}),
    ("504", Outcome.FAILED, {"unknown": True, "outage": True}),
    ("redirect", Outcome.FAILED, {}),
]


@pytest.mark.parametrize(("fault", "outcome", "flags"), STATUSES, ids=[row[0] for row in STATUSES])
def test_an_answered_error_is_read_once_and_never_repeated(case, fault, outcome, flags):
    got, verdict, server = outcome_of(case, fault)
    assert isinstance(got.error, HttpError)
    assert (server.counts.posts, server.counts.billed) == (1, 0)
    assert verdict.outcome is outcome
    for flag in ("again", "rate_limited", "unknown", "outage"):
        assert getattr(verdict, flag) is flags.get(flag, False), flag
    assert verdict.after == flags.get("after")
    assert KEY not in f"{got.error!r}{vars(got.error)}{verdict}"


def test_a_forbidden_prompt_is_refused_and_not_a_wrong_key(case):
    _, verdict, _ = outcome_of(case, prompt="something forbidden")
    assert verdict.outcome is Outcome.REFUSED


@pytest.mark.parametrize("case", CASES[1:], ids=lambda case: case.name)
def test_a_picture_held_back_by_the_filter_is_refused(case):
    got, verdict, _ = outcome_of(case, prompt="something filtered")
    assert isinstance(got.error, Withheld)
    assert verdict.outcome is Outcome.REFUSED
    assert got.speech is None


@pytest.mark.parametrize("fault", ["reset", "cut"])
def test_a_broken_connection_is_no_take_and_is_not_asked_again(case, fault):
    got, verdict, server = outcome_of(case, fault)
    assert isinstance(got.error, NoAnswer | CutStream)
    assert not verdict.again
    assert got.speech is None
    assert (server.counts.posts, server.counts.billed) == (1, 1)
    assert verdict.unknown or fault == "cut"


def test_an_unreachable_vendor_was_not_asked(case):
    async def work(provider, _):
        return await ask(provider, request_for(provider, "http://127.0.0.1:9"))

    assert isinstance(with_server(case, work).error, NotSent)


def test_keys_are_needed_and_wrong_ones_not_shown(case, monkeypatch):
    monkeypatch.setenv(case.key, "sk-wrong-0123456789abcdef")
    got, verdict, server = outcome_of(case)
    assert got.error.status == 401
    assert server.counts.billed == 0
    assert case.key in verdict.reason
    assert "sk-wrong-0123456789abcdef" not in f"{got.error!r}{vars(got.error)}{verdict}"
    monkeypatch.delenv(case.key)
    provider = case.provider()
    with pytest.raises(UsageError, match=case.key):
        asyncio.run(provider.prepare(request_for(provider, "http://127.0.0.1:9"), None))


def in_the_engine(case, folder, script, cap=None, samples=2):
    """Takes of a small dataset by the case's first model, and the server."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    lines = [
        {"id": f"s{n}", "inputs": {"prompt": f"{PROMPT} View {n}.", "size": "640x360"}, "tags": ["drawn"]}
        for n in range(samples)
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (data / "samples.jsonl").write_text(text)
    (data / "card.md").write_text("# mine\n")
    (data / "dataset.toml").write_text(
        'name = "mine"\nversion = "0.1"\ntitle = "t"\ncontract = "background"\nlicence = "CC0-1.0"\n'
        f'attribution = "me"\nsamples = {samples}\n[files]\n'
        f'"samples.jsonl" = "{hashlib.sha256(text.encode()).hexdigest()}"\n'
    )

    async def session():
        async with running(case.server()) as server:
            server.script.extend(script)
            asked = (
                f'name = "p"\nendpoints = {{ {case.name} = "{server.url}" }}\n[[tasks]]\ncontract = "background"\n'
                f'dataset = "folder:{data}"\n[[tasks.arms]]\nprovider = "{case.provider().spec.id}"\n'
            )
            plan._IDENTITIES.clear()  # another test may have looked while there was no key
            with Store.open(folder / f"store{cap}") as store:
                run = runs.start(store.ledger, plan.make(suite.parse(asked, "p.toml")), {}, cap, Reuse())
                await Engine(store.ledger, store.artifacts, book(), run).work()
                with store.ledger.read() as connection:
                    return [dict(row) for row in connection.execute(select(schema.takes)).mappings()], server

    return asyncio.run(session())


def test_the_engine_makes_and_bills_them_and_pays_nothing_twice(case, tmp_path):
    rows, server = in_the_engine(case, tmp_path, ["429:0.05", "reset"], samples=3)
    assert sorted(row["outcome"] for row in rows) == ["ok", "ok", "submit_unknown"]
    assert server.counts.billed == 3
    assert all(row["billed_nano"] for row in rows if row["outcome"] == "ok")
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in kept if KEY.encode() in path.read_bytes()]


def test_a_cap_holds(case, tmp_path):
    cap = Decimal("0.4")
    rows, server = in_the_engine(case, tmp_path, [], cap, samples=12)
    assert {row["outcome"] for row in rows} == {"ok", "budget_stop"}
    assert sum((from_nano(row["billed_nano"] or 0) for row in rows), Decimal(0)) <= cap
    assert server.counts.posts == sum(row["outcome"] == "ok" for row in rows)
