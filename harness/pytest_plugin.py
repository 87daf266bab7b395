"""The pytest plugin: a test that fails when an upgrade makes a stage worse.

    def test_voice_upgrade(film_bench):
        film_bench.gate("tts", baseline="main", candidate="elevenlabs/eleven_v4", margins={"tts.cer": 1.0})

    def test_voice_latency(film_bench, benchmark):
        film_bench.latency(benchmark, "tts", "elevenlabs/eleven_v4")

The baseline is what ``filmbench baseline save main`` froze; ``pytest --film-save main`` renews it with what passed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from filmbench.harness.gate import Gate, Rules
    from filmbench.harness.results import Results

MARKER = "film_bench"
FAILS = ("regression", "inconclusive")


class _Clock:
    """A timer for pytest-benchmark that shows the time takes took, not the time it takes to read them."""

    __name__ = "takes"

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


_CLOCK = pytest.StashKey[_Clock]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The plugin's options."""
    group = parser.getgroup("filmbench", "upgrades of AI vendors")
    group.addoption(
        "--film-baseline", metavar="NAME", help="hold every gate to this baseline (name or file), not to its own"
    )
    group.addoption("--film-save", metavar="NAME", help="save what passed as the baseline NAME of its contract")
    group.addoption(
        "--film-fail", choices=FAILS, default=FAILS[0], help="what fails a gate; inconclusive fails on regressions, too"
    )
    group.addoption("--film-store", metavar="FOLDER", help="where takes lie (FILMBENCH_STORE, else ./runs)")


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker."""
    config.addinivalue_line("markers", f"{MARKER}(**defaults): asks vendors for takes; defaults of film_bench.gate")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the fixture, so that ``-m film_bench`` chooses it; takes bring their own times."""
    for item in items:
        used = getattr(item, "fixturenames", ())
        if MARKER in used:
            item.add_marker(MARKER)
            if "benchmark" in used:
                item.stash[_CLOCK] = _Clock()
                item.add_marker(pytest.mark.benchmark(timer=item.stash[_CLOCK]))


@pytest.fixture
def film_bench(request: pytest.FixtureRequest) -> FilmBench:
    """Gates and latencies of film making's stages: see :class:`FilmBench`."""
    marks = reversed(list(request.node.iter_markers(MARKER)))
    defaults = {name: value for mark in marks for name, value in mark.kwargs.items()}
    return FilmBench(request.config, defaults, request.node.stash.get(_CLOCK, None))


class FilmBench:
    """What a test asks. ``defaults`` are the marker's, for :meth:`gate`."""

    def __init__(self, config: pytest.Config, defaults: Mapping[str, Any], clock: _Clock | None) -> None:
        self._options = config.option
        self._defaults = defaults
        self._clock = clock
        self.store = Path(self._options.film_store or os.environ.get("FILMBENCH_STORE") or config.rootpath / "runs")

    def gate(self, contract: str, **asked: Any) -> Gate:
        """Ask the candidate what the baseline was asked, and fail the test when the rules say so.

        ``candidate`` is an arm's label or a provider, ``baseline`` a name or a file, ``base`` one of its arms,
        ``params`` are the candidate's. The rules are ``margins`` (metric to the smallest change that matters), or
        ``rules``, a TOML file, or else the suite's margins. ``cap`` is in US dollars; ``reuse`` is ``always``,
        ``never`` or ``max-age=7d``. A vendor's outage and too little to measure fail too, each under its own name.
        """
        try:
            return self._gate(contract, **{**self._defaults, **asked})
        except _errors() as error:
            hint = getattr(error, "hint", None)
            pytest.fail(f"{error}" + (f"\n  {hint}" if hint else ""), pytrace=False)

    def _gate(
        self,
        contract: str,
        *,
        candidate: str,
        baseline: str = "main",
        base: str | None = None,
        params: Mapping[str, Any] | None = None,
        margins: Mapping[str, float] | None = None,
        rules: str | Path | None = None,
        cap: float | str | None = None,
        reuse: str | None = None,
    ) -> Gate:
        from filmbench.harness import upgrade
        from filmbench.harness.engine.reuse import Reuse
        from filmbench.harness.gate import PASS
        from filmbench.harness.report import gates as report
        from filmbench.harness.store import Store

        frozen = self._baseline(self._options.film_baseline or baseline, contract)
        asked = upgrade.plan(frozen, contract, candidate, base=base, params=params)
        with Store.open(self.store) as store:
            judged, found = upgrade.try_out(
                store,
                frozen,
                asked,
                _rules(frozen, margins, rules),
                cap=None if cap is None else Decimal(str(cap)),
                reuse=Reuse.parse(reuse) if reuse else None,
                strict=self._options.film_fail == "inconclusive",
            )
            if judged.code != PASS:
                pytest.fail(report.text(judged), pytrace=False)
            if self._options.film_save:
                self._save(store, found, contract)
        return judged

    def latency(
        self,
        benchmark: Any,
        contract: str,
        provider: str,
        *,
        suite: str | None = None,
        params: Mapping[str, Any] | None = None,
        first_content: bool = False,
    ) -> None:
        """Give each take's time to pytest-benchmark, whose own ``--benchmark-compare`` then judges it.

        Seconds from sending to the last byte, or ``first_content``: until the first audible or visible moment. Every
        take is asked anew. ``suite`` is a built-in one or a file; the contract's quick suite where none is given.
        """
        from filmbench.harness import results, runner
        from filmbench.harness import suite as suites
        from filmbench.harness.engine.reuse import Reuse
        from filmbench.harness.store import Store
        from filmbench.harness.suite import ArmEntry

        whole = suites.load(suite or contract.replace("/", "-") + suites.QUICK)
        arm = ArmEntry(provider=provider, params=dict(params or {}))
        tasks = tuple(task.model_copy(update={"arms": (arm,)}) for task in whole.tasks if task.contract == contract)
        alone = whole.model_copy(update={"name": "latency", "tasks": tasks[:1]})
        with Store.open(self.store) as store:
            run = runner.start(store, alone, Reuse.parse("never"), None, runner.Silent()).run
            takes = results.read(store, run).takes
        seconds = takes.loc[takes["outcome"] == "ok", "first_content_s" if first_content else "total_s"].dropna()
        if seconds.empty:
            reasons = ", ".join(sorted(set(takes["reason"].dropna()))) or "nothing was timed"
            pytest.fail(f"no take of {provider} has a time: {reasons}", pytrace=False)
        assert self._clock is not None  # the test uses benchmark
        left = iter(seconds)
        benchmark.pedantic(self._clock.advance, setup=lambda: ((next(left),), {}), rounds=len(seconds))

    def _baseline(self, name: str, contract: str) -> Results:
        """That of this contract where tests saved one, else the whole run's."""
        from filmbench.harness import baselines

        return baselines.read(baselines.find(self.store, _named(name, contract), name))

    def _save(self, store: Any, found: Results, contract: str) -> None:
        from filmbench.harness import baselines

        baselines.save(store, found, _named(self._options.film_save, contract))


def _named(name: str, contract: str) -> str:
    return f"{name}@{contract.replace('/', '-')}"


def _rules(frozen: Results, margins: Mapping[str, float] | None, file: str | Path | None) -> Rules:
    from filmbench.harness import gate
    from filmbench.harness.types import UsageError

    if file is not None:
        return gate.load(Path(file))
    rules = gate.Rules(margins=dict(margins or frozen.suite.margins))
    if not rules.margins:
        raise UsageError("no rule is given, so nothing can fail", 'say margins={"tts.cer": 1.0} or rules="gate.toml"')
    return rules


def _errors() -> type[Exception]:
    from filmbench.harness.types import FilmbenchError

    return FilmbenchError
