"""A planted key is nowhere to be found after failures of every kind: ledger, artifacts, reports, logs, traces, JSON.

Every vendor is run through the engine against its loopback server, which repeats the key in whatever it says.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from drawer import Drawer, opened
from filmbench.harness import manifest, plan, registry, results, suite
from filmbench.harness.cli import app
from filmbench.harness.engine import runs
from filmbench.harness.engine.loop import Engine
from filmbench.harness.engine.reuse import Reuse
from filmbench.harness.pricing import book
from filmbench.harness.store import Store, schema
from loopback import audio
from loopback.jobrig import JOBS, JobCase, dataset, environment, suite_text
from loopback.rig import CASES, PICTURES, Case
from loopback.server import KEY, running
from sqlalchemy import select
from typer.testing import CliRunner

pytestmark = pytest.mark.skipif(not audio.available(), reason="espeak-ng is not installed, so no vendor can speak")

FAULTS = ("401", "402", "403", "404", "410", "422", "redirect", "reset", "cut", "empty", "hang", "429:0.02", "500")
LIVES = ("refused", "failed", "cancelled", "404", "503")
TRANSFERS = ("404", "private")
PATIENCE = 2.0
SPELLINGS = (KEY.encode(), base64.b64encode(KEY.encode()), KEY.encode().hex().encode())


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    with opened() as mine:
        yield mine


def leaks(folder: Path, *texts: str) -> list[str]:
    """The files below ``folder`` and the texts that hold the key in any spelling."""
    files = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    named = {**files, **{f"text {number}": text.encode() for number, text in enumerate(texts)}}
    return [name for name, content in named.items() if any(spelling in content for spelling in SPELLINGS)]


def parrot(said: Any) -> Any:
    """What a vendor says, with the key in every sentence of it, and in one more."""
    if isinstance(said, dict):
        return {name: parrot(value) for name, value in said.items()} | {"hint": f"You sent {KEY}."}
    if isinstance(said, list):
        return [parrot(value) for value in said]
    return f"{said} You sent {KEY}." if isinstance(said, str) and " " in said else said


def sent(server: Any) -> bool:
    """Whether the vendor was sent the key with what it is paid for: it can repeat nothing else."""
    return any(KEY in str(request["headers"]) for request in server.requests)


def asked(case: Case | JobCase, url: str, folder: Path) -> suite.Suite:
    """A suite with a sample for every fault."""
    provider, samples = case.provider(), len(FAULTS) + len(LIVES) + len(TRANSFERS) + 1
    if isinstance(case, JobCase):
        return suite.parse(suite_text(case, url, dataset(case, folder / "data", samples), PATIENCE), "secrets.toml")
    contract, data = ("tts", "film-lines") if case in CASES else ("background", "background-prompts")
    text = (
        f'name = "secrets"\ntimeout = {PATIENCE}\nendpoints = {{ {provider.spec.vendor} = "{url}" }}\n[[tasks]]\n'
        f'contract = "{contract}"\ndataset = "{data}"\nlanguages = ["en"]\nlimit = {samples}\n'
        f'[[tasks.arms]]\nprovider = "{provider.spec.id}"\n'
    )
    return suite.parse(text, "secrets.toml")


class Broken(Exception):
    """A defect of the adapter itself."""


async def session(
    case: Case | JobCase, folder: Path, settings: pytest.MonkeyPatch, broken: bool
) -> tuple[Any, list[dict[str, Any]], str]:
    """Run the suite: the server afterwards, the takes, and the trace where the adapter was ``broken``."""
    trace = ""
    async with running(case.server()) as server:
        said = server.error
        server.error = lambda status: parrot(said(status)) if sent(server) else said(status)
        server.script.extend(["401"] if broken else FAULTS)
        if isinstance(case, JobCase) and not broken:
            server.life.extend(LIVES)
            server.transfers.extend(TRANSFERS)
        for name, value in (case.environment(server.url) if isinstance(case, JobCase) else {}).items():
            settings.setenv(name, value)
        plan._IDENTITIES.clear()  # another test may have looked while there was no key
        await case.provider().client(server.url)  # a vendor's package may take longer to import than a call may
        with Store.open(folder / "store") as store:
            made = plan.make(asked(case, server.url, folder))
            run = runs.start(store.ledger, made, manifest.build(made, book()), None, Reuse())
            try:
                await Engine(store.ledger, store.artifacts, book(), run).work()
            except BaseExceptionGroup as group:
                trace = "".join(traceback.format_exception(group))
            with store.ledger.read() as connection:
                rows = [dict(row) for row in connection.execute(select(schema.takes)).mappings()]
    plan._IDENTITIES.clear()
    return server, rows, trace


ALL = (*CASES, *PICTURES, *JOBS)


def test_every_vendor_is_among_them():
    ours = [one for one in registry.providers().items.values() if type(one).__module__.startswith("filmbench.adapters")]
    remote = {one.spec.vendor for one in ours if not one.spec.local and not one.spec.by_hand}
    assert remote == {case.provider().spec.vendor for case in ALL}


def each(cases):
    """Of each way of asking two vendors whenever tests run, the rest with the slow ones."""
    for number, case in enumerate(cases):
        marks = () if number in (0, len(cases) - 1) else pytest.mark.slow
        yield pytest.param(case, id=f"{type(case).__name__}-{case.name}", marks=marks)


@pytest.fixture(params=[*each(CASES), *each(PICTURES), *each(JOBS)])
def case(request, monkeypatch, drawer, tmp_path_factory) -> Case | JobCase:
    """One vendor at a time, no more patient than the suite, one request at once."""
    chosen = request.param
    for name, value in environment(tmp_path_factory.mktemp("environment")).items():
        monkeypatch.setenv(name, value)
    provider = chosen.provider()
    monkeypatch.setattr(provider, "spec", replace(provider.spec, patience=0.0, concurrency=1))
    return chosen


def test_no_failure_of_any_kind_leaves_the_key_behind(case, tmp_path, monkeypatch, drawer, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    if ALL.index(case) % 2:
        drawer.set_password("filmbench", case.key, KEY)
    else:
        monkeypatch.setenv(case.key, KEY)
    server, rows, _ = asyncio.run(session(case, tmp_path, monkeypatch, broken=False))
    assert not server.script, "every fault was met"
    assert sent(server) or case.key == "ADOBE_CLIENT_SECRET", "the key is sent (Adobe's for a token alone)"
    outcomes = {row["outcome"] for row in rows}
    assert {"failed", "retired", "invalid", "ok"} <= outcomes
    assert outcomes & {"timed_out", "submit_unknown"}

    with Store.open(tmp_path / "store") as store:
        written = results.write(store, results.read(store))
    assert "report.html" in written
    at = ["--store", str(tmp_path / "store"), "--json"]
    commands = (["table", "--takes", *at], ["table", *at], ["resources", "list", *at], ["prices", "check", *at])
    ran = [CliRunner().invoke(app, command) for command in (*commands, ["providers", "list", "--json"])]
    assert ran[0].exit_code == ran[1].exit_code == ran[-1].exit_code == 0
    told = [f"{one.output} {one.exception}" for one in ran]
    out, err = capfd.readouterr()
    assert leaks(tmp_path, out, err, caplog.text, *told) == []


def test_a_defect_while_a_vendor_fails_leaves_no_key_in_the_trace(case, tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv(case.key, KEY)

    def classify(error):
        raise Broken("the adapter fell over its own feet") from error

    monkeypatch.setattr(case.provider(), "classify", classify)
    _, _, trace = asyncio.run(session(case, tmp_path, monkeypatch, broken=True))
    assert "Broken: the adapter fell over" in trace
    assert "HTTP 401" in trace, "the vendor's answer is in the trace as well"
    assert leaks(tmp_path, trace, caplog.text) == []


def test_what_looks_for_leaks_finds_them(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "ledger.db").write_bytes(b"\0\1" + KEY.encode() + b"\2")
    (tmp_path / "basic").write_bytes(b"Basic " + base64.b64encode(KEY.encode()))
    (tmp_path / "clean").write_bytes(b"loopback-key")
    assert len(leaks(tmp_path, "nothing", f"key={KEY}")) == 3
