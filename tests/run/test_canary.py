"""The canary suite: every vendor and stage once, under a cap, against the loopback vendors."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

import pytest
from filmbench.adapters import elevenlabs_isolation
from filmbench.harness import plan, registry, runner, suite
from filmbench.harness.engine import runs
from filmbench.harness.engine.loop import Engine
from filmbench.harness.engine.reuse import Reuse
from filmbench.harness.pricing import book, from_nano
from filmbench.harness.store import Store, schema
from loopback import audio
from loopback import elevenlabs_isolation as loopback_isolation
from loopback.jobrig import JOBS, JobCase, environment
from loopback.rig import CASES, PICTURES, Case
from loopback.server import KEY, running
from sqlalchemy import select

pytestmark = pytest.mark.skipif(not audio.available(), reason="espeak-ng is not installed, so no vendor can speak")

ISOLATOR = Case(
    "isolator", elevenlabs_isolation.PROVIDERS, loopback_isolation.ElevenLabsIsolation, "ELEVENLABS_API_KEY"
)
SERVED = (*CASES, *PICTURES, ISOLATOR, *JOBS)
LEFT_OUT = {("runway", "dubbing"), ("move", "mocap")}
"""One takes sound alone, and the line to be dubbed is a film. The motions of ``mocap-motions`` are not to be passed on:
their films are sent to nobody unasked."""


def arms() -> Iterable[tuple[str, str]]:
    return [(task.contract, arm.provider) for task in suite.load("canary").tasks for arm in task.arms]


def test_every_vendor_is_asked_once_in_each_contract_it_serves():
    ours = [one for one in registry.providers().items.values() if type(one).__module__.startswith("filmbench.adapters")]
    remote = [one.spec for one in ours if not one.spec.local and not one.spec.by_hand]
    served = {(spec.vendor, contract) for spec in remote for contract in spec.contracts}
    asked = [(provider.partition("/")[0], contract) for contract, provider in arms()]
    assert served - set(asked) == LEFT_OUT, "add an arm to harness/suites/canary.toml"
    assert all(task.takes * len(task.samples) <= 2 for task in suite.load("canary").tasks)


def case_of(provider: str) -> Case | JobCase:
    """The loopback vendor that serves a provider: one for it alone, else the first that knows it."""
    serving = [case for case in SERVED if provider in [one.spec.id for one in case.providers]]
    return next((case for case in serving if getattr(case, "provider_id", None) == provider), serving[0])


@pytest.fixture
def canary(tmp_path, monkeypatch):
    """Runs the arms that ``keep`` keeps, each against its loopback vendor, in one store: takes by provider."""

    async def make(store, case, tasks, cap):
        async with running(case.server()) as server:
            settings = case.environment(server.url) if isinstance(case, JobCase) else {}
            for name, value in settings.items():
                monkeypatch.setenv(name, value)
            plan._IDENTITIES.clear()
            vendor = case.providers[0].spec.vendor
            more = {"endpoints": {vendor: server.url}, "plans": {"cartesia": "pro"}, "tasks": tasks}
            asked = suite.load("canary").model_copy(update=more)
            run = runs.start(store.ledger, plan.make(asked), {}, asked.cap_usd if cap is None else cap, Reuse())
            await Engine(store.ledger, store.artifacts, book(), run).work()

    async def session(keep, cap):
        with Store.open(tmp_path / "store") as store:
            for case in SERVED:
                kept = [
                    task.model_copy(update={"arms": tuple(arm for arm in task.arms if mine(case, arm.provider, keep))})
                    for task in suite.load("canary").tasks
                ]
                if tasks := tuple(task for task in kept if task.arms):
                    await make(store, case, tasks, cap)
            with store.ledger.read() as connection:
                joined = select(schema.takes, schema.requests.c.provider).join(
                    schema.requests, schema.requests.c.key == schema.takes.c.key
                )
                rows = [dict(row) for row in connection.execute(joined).mappings()]
        plan._IDENTITIES.clear()
        return rows

    def mine(case, provider, keep):
        return case_of(provider) is case and keep(provider)

    def run(keyed=lambda case: True, keep=lambda provider: True, cap=None):
        for name, value in environment(tmp_path).items():
            monkeypatch.setenv(name, value)
        for case in SERVED:
            if keyed(case):
                monkeypatch.setenv(case.key, KEY)
        return asyncio.run(session(keep, cap))

    return run


def test_with_all_keys_every_priced_vendor_answers_within_the_cap(canary):
    rows = canary()
    assert {row["provider"] for row in rows} == {provider for _, provider in arms()}
    for row in rows:
        unpriced = row["outcome"] == "unsupported" and "no price" in row["reason"]
        assert row["outcome"] == "ok" or unpriced, (row["provider"], row["reason"])
    answered = {row["provider"].partition("/")[0] for row in rows if row["outcome"] == "ok"}
    assert answered >= {"cartesia", "elevenlabs", "fal", "google", "heygen", "openai", "runway", "stability", "sync"}
    spent = sum((from_nano(row["billed_nano"]) for row in rows if row["billed_nano"]), Decimal(0))
    assert 0 < spent <= suite.load("canary").cap_usd


def test_vendors_without_a_key_are_skipped_rows(canary):
    rows = canary(keyed=lambda case: case.key == "OPENAI_API_KEY")
    outcomes = {row["provider"]: (row["outcome"], row["reason"]) for row in rows}
    for provider, (outcome, reason) in outcomes.items():
        if provider.startswith("openai/"):
            assert outcome == "ok"
        else:
            assert outcome == "unsupported"
            assert reason.startswith("needs ")
    assert set(outcomes) == {provider for _, provider in arms()}


def test_the_cap_is_there_by_default_and_holds(canary):
    assert 0 < suite.load("canary").cap_usd <= 5
    rows = canary(keep=lambda provider: provider.startswith("runway/"), cap=Decimal("0.10"))
    by_run = Counter()
    for row in rows:
        by_run[row["run"]] += from_nano(row["billed_nano"] or 0)
    assert all(spent <= Decimal("0.10") for spent in by_run.values())
    assert {"ok", "budget_stop"} <= {row["outcome"] for row in rows}


def test_an_arm_without_a_price_does_not_keep_the_others_from_starting(monkeypatch):
    monkeypatch.setenv("TYPECAST_API_KEY", KEY)
    plan._IDENTITIES.clear()
    made = plan.make(suite.load("canary"))
    with pytest.raises(Exception, match="typecast/ssfm-v30 has no price"):
        runner.priced_throughout(made)
    assert made.suite.unpriced == "skip"
    plan._IDENTITIES.clear()


def test_the_command_line_knows_it_and_needs_no_key_to_say_what_is_skipped(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.endswith(("_KEY", "_SECRET"))}
    command = [sys.executable, "-c", "from filmbench.harness.cli import main; main()", "run", "canary"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 3, done.stderr
    assert "no take succeeded" in done.stderr
    (table,) = (tmp_path / "runs").glob("*/table.json")
    assert "needs CARTESIA_API_KEY" in json.dumps(json.loads(table.read_text()))
