"""The vendors of speech through the real engine: journaled, timed, priced, retried only where that is free."""

import asyncio
import json
from contextlib import AsyncExitStack
from decimal import Decimal
from hashlib import sha256

import numpy as np
import pytest
import soundfile
from filmbench.harness import plan, resources, suite
from filmbench.harness.engine import runs
from filmbench.harness.engine.loop import Engine
from filmbench.harness.engine.reuse import Reuse
from filmbench.harness.pricing import book, from_nano
from filmbench.harness.store import Store, schema
from loopback.elevenlabs import PREMADE
from loopback.rig import CASES
from loopback.server import running
from sqlalchemy import select

ARMS = (
    "elevenlabs/eleven_flash_v2_5",
    "typecast/ssfm-v30",
    "openai/tts-1",
    "openai/gpt-4o-mini-tts",
    "cartesia/sonic-3",
    "deepdub/dd-etts-3.0",
)

UNPRICED = ("deepdub/", "typecast/")


@pytest.fixture
def takes(tmp_path):
    """Runs the suite on the loopback vendors, each with its script; gives the takes by provider and the servers."""

    async def session(scripts, lines, cap, arms, data):
        async with AsyncExitStack() as stack:
            servers = {case.name: await stack.enter_async_context(running(case.server())) for case in CASES}
            for name, script in scripts.items():
                servers[name].script.extend(script)
            endpoints = ", ".join(f'{name} = "{server.url}"' for name, server in servers.items())
            text = f"""
                name = "vendors"
                timeout = 20.0
                endpoints = {{ {endpoints} }}
                plans = {{ cartesia = "pro" }}

                [[tasks]]
                contract = "tts"
                dataset = "{data}"
                languages = ["en"]
                limit = {lines}
                """ + "".join(f'[[tasks.arms]]\nprovider = "{arm}"\n' for arm in arms)
            plan._IDENTITIES.clear()  # another test may have looked while there was no key
            with Store.open(tmp_path / "store") as store:
                made = plan.make(suite.parse(text, "vendors.toml"))
                run = runs.start(store.ledger, made, {}, cap, Reuse())
                await Engine(store.ledger, store.artifacts, book(), run).work()
                providers = {asked.request.key(): arm for arm in arms for _, asked in made.asked(arm)}
                with store.ledger.read() as connection:
                    found = connection.execute(select(schema.takes)).mappings()
                    rows = [{**row, "provider": providers[row["key"]]} for row in found]
        return rows, servers

    def run(scripts=None, lines=2, cap=None, arms=ARMS, data="film-lines"):
        return asyncio.run(session(scripts or {}, lines, cap, arms, data))

    return run


def test_every_vendor_makes_its_takes(takes):
    rows, servers = takes()
    assert len(rows) == 2 * len(ARMS)
    for row in rows:
        assert row["outcome"] == "ok", row["reason"]
        assert 0 < row["first_byte_s"] <= row["total_s"]
        assert row["attempts"] == 1
        assert not row["live"]
        assert (row["billed_nano"] is None) == row["provider"].startswith(UNPRICED)
    assert sum(server.counts.posts for server in servers.values()) == len(rows)


def test_a_busy_vendor_is_waited_for_and_a_broken_connection_is_not_paid_again(takes):
    rows, servers = takes(
        {"elevenlabs": ["429:1"], "cartesia": ["reset"], "typecast": ["500"], "openai": ["cut"]}, lines=1
    )
    by_provider = {row["provider"]: row for row in rows}
    waited = by_provider["elevenlabs/eleven_flash_v2_5"]
    assert (waited["outcome"], waited["attempts"]) == ("ok", 2)
    assert waited["retry_s"] >= 1
    assert (by_provider["typecast/ssfm-v30"]["outcome"], by_provider["typecast/ssfm-v30"]["attempts"]) == ("ok", 2)
    assert by_provider["cartesia/sonic-3"]["outcome"] == "submit_unknown"
    assert servers["cartesia"].counts.posts == 1
    openai = [row for row in rows if row["provider"].startswith("openai/")]
    assert sorted(row["outcome"] for row in openai) == ["failed", "ok"]
    assert servers["openai"].counts.posts == 2


def test_a_retired_model_is_its_own_outcome_with_the_day_and_who_says_so(takes):
    rows, servers = takes({"openai": ["404"], "cartesia": ["410"]}, lines=1, arms=("openai/tts-1", "cartesia/sonic-3"))
    by_provider = {row["provider"]: row for row in rows}
    assert {row["outcome"] for row in rows} == {"retired"}
    assert "retired on 2027-01-06 according to package openai 3.54" in by_provider["openai/tts-1"]["reason"]
    assert "retired on" not in by_provider["cartesia/sonic-3"]["reason"], "the book knows of no end"
    assert servers["openai"].counts.posts == servers["cartesia"].counts.posts == 1
    assert all(row["billed_nano"] is None for row in rows)


def test_a_cap_stops_before_the_money_is_gone(takes):
    cap = Decimal("0.01")
    rows, servers = takes(lines=6, cap=cap)
    spent = sum((from_nano(row["billed_nano"]) for row in rows if row["billed_nano"]), Decimal(0))
    assert 0 < spent <= cap
    assert {"ok", "budget_stop"} <= {row["outcome"] for row in rows}
    for vendor in UNPRICED:
        assert servers[vendor.rstrip("/")].counts.posts == 0, "what has no price cannot run under a cap"


@pytest.fixture
def cloning(tmp_path):
    """A dataset whose two lines are to be spoken in one cloned voice, with consent."""
    folder = tmp_path / "mine"
    folder.mkdir()
    soundfile.write(folder / "me.wav", np.sin(np.arange(32_000) / 20) * 0.3, 16_000)
    content = (folder / "me.wav").read_bytes()
    voice = {"file": "me.wav", "sha256": sha256(content).hexdigest(), "media_type": "audio/wav", "bytes": len(content)}
    consent = {"who": "me", "evidence": "my own voice"}
    lines = [
        {"id": id, "language": "en", "inputs": {"text": text, "voice_sample": voice}, "consent": consent}
        for id, text in (("a", "Keep the light on."), ("b", "They are already inside."))
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "samples.jsonl").write_text(text)
    (folder / "card.md").write_text("# mine\n")
    (folder / "dataset.toml").write_text(
        'name = "mine"\nversion = "0.1"\ntitle = "t"\ncontract = "tts"\nlicence = "CC0-1.0"\nattribution = "me"\n'
        f'samples = 2\n[files]\n"samples.jsonl" = "{sha256(text.encode()).hexdigest()}"\n'
    )
    return folder


def test_a_cloned_voice_is_journaled_and_deleted_after_the_run(takes, cloning, tmp_path):
    rows, servers = takes(lines=2, arms=("elevenlabs/eleven_flash_v2_5",), data=f"folder:{cloning}")
    assert [row["outcome"] for row in rows] == ["ok", "ok"]
    server = servers["elevenlabs"]
    assert len(server.uploads) == 1, "two lines share one clone"
    assert set(server.voices) == set(PREMADE), "the clone is gone"
    with Store.open(tmp_path / "store") as store:
        assert resources.left(store.ledger) == ()
        with store.ledger.read() as connection:
            made = connection.execute(select(schema.resources.c.resource, schema.resources.c.released_at)).all()
    assert made, "what is made at a vendor is written down"
    assert all(row.resource.startswith("voice:") and row.released_at for row in made)
