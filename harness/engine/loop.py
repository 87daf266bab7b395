"""The loop that makes a run's takes: it knows no vendor, metric or stage by name.

Local engines go first, one after another and alone; then all vendors at once, each under its own limit,
interleaved by sample. Every step is in the ledger before it happens, so that a run killed at any moment
goes on with ``--resume`` and pays for nothing twice.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

from filmbench.harness.contracts import contract
from filmbench.harness.engine import journal
from filmbench.harness.engine.limits import Limiter
from filmbench.harness.engine.local import LocalWorker, Paths
from filmbench.harness.engine.outputs import Inbox, check
from filmbench.harness.engine.remote import Answer, Call, job_from, job_json
from filmbench.harness.engine.runs import Item, OpenRun
from filmbench.harness.plan import Asked
from filmbench.harness.pricing import Price, PriceBook, nano
from filmbench.harness.protocols import Job, LocalEngine, Prepared, Provider, Refusal
from filmbench.harness.store.artifacts import Artifacts
from filmbench.harness.store.ledger import Ledger
from filmbench.harness.types import FREE, Json, Outcome, Request, Take, Timing, Usage, UsageError

_HOST = socket.gethostname()
Watcher = Callable[[str, Outcome], None]
_BUSY_WAIT = 0.5
_KEPT_PRICES = 4096
SLOTS_AN_EXTRA = 8
"""One request more than slots for so many slots is under way, so that no slot waits for the disk."""


@dataclass(slots=True)
class Tally:
    """How the run went, for its exit code: what ended how, which vendors went down, whose bill surprised."""

    outcomes: dict[Outcome, int] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    overbilled: list[str] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """One more take ended."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1


@dataclass(slots=True)
class Engine:
    """Makes what an open run still lacks. ``watch`` hears of every ended take (arm label, outcome)."""

    ledger: Ledger
    artifacts: Artifacts
    book: PriceBook
    run: OpenRun
    watch: Watcher = lambda label, outcome: None
    tally: Tally = field(default_factory=Tally)
    _limiters: dict[str, Limiter] = field(default_factory=dict)
    _resources: dict[str, list[str]] = field(default_factory=dict)
    _prices: dict[tuple[object, ...], Price] = field(default_factory=dict)
    _owner: str = field(default_factory=journal.this_process)
    stopping: bool = False
    _media: Paths = field(init=False)

    def __post_init__(self) -> None:
        self._media = Paths(self.run.plan.media)

    def stop(self) -> None:
        """Ask nothing new; what is under way ends in peace (Ctrl-C)."""
        self.stopping = True

    async def work(self) -> Tally:
        """Make everything that is pending. Raises only what ends the run as a whole (a full disk, say)."""
        async with self._leases_kept():
            for provider in self.run.providers():
                if isinstance(provider, LocalEngine):
                    await self._local(provider)
            async with asyncio.TaskGroup() as vendors:
                for provider in self.run.providers():
                    if not isinstance(provider, LocalEngine):
                        vendors.create_task(self._vendor(provider))
        return self.tally

    # --- engines of this machine ---------------------------------------------------------------------

    async def _local(self, engine: LocalEngine) -> None:
        todo = self.run.pending(engine.spec.id)
        first = next(todo, None)
        if first is None:
            return
        async with LocalWorker(engine, self._media, self.run.plan.suite.timeout) as worker:
            if first.asked.unable is None:
                await worker.warm_up(first.asked.request)
            for item in _with(first, todo):
                if self.stopping:
                    return
                await self._render(worker, item)

    async def _render(self, worker: LocalWorker, item: Item) -> None:
        if item.asked.unable:
            await self._end(item, _unable(item.asked), None)
            return
        if await self._begin(item, 0) is None:
            return
        inbox = self._inbox(item.asked.request)
        await self._end(item, await worker.make(item.asked.request, inbox), inbox, Decimal(0))

    # --- vendors -------------------------------------------------------------------------------------

    async def _vendor(self, provider: Provider) -> None:
        spec = provider.spec
        limiter = self._limiters.setdefault(spec.vendor, Limiter(spec.concurrency))
        todo = self.run.pending(spec.id)
        try:
            async with asyncio.TaskGroup() as slots:
                for _ in range(spec.concurrency + spec.concurrency // SLOTS_AN_EXTRA):
                    slots.create_task(self._drain(provider, limiter, todo))
        finally:
            await self._release(provider)
            await provider.aclose()

    async def _drain(self, provider: Provider, limiter: Limiter, todo: Iterator[Item]) -> None:
        for item in todo:
            if self.stopping:
                return
            if limiter.down:
                self.tally.down.add(provider.spec.vendor)
                await self._end(item, _cancelled(f"{provider.spec.vendor} is down"), None)
            else:
                await self._ask(provider, limiter, item)

    async def _ask(self, provider: Provider, limiter: Limiter, item: Item) -> None:
        request = item.asked.request
        if item.asked.unable:
            await self._end(item, _unable(item.asked), None)
            return
        expected, ceiling = await self._price(provider, item.asked)
        if ceiling is None and self.run.cap is not None:
            why = "has no price, so the cap cannot hold it"
            skipped = self.run.plan.suite.unpriced == "skip"
            await self._end(item, _skipped(why) if skipped else _over(why), None)
            return
        inbox = self._inbox(request)
        timeout = max(self.run.plan.suite.timeout, provider.spec.patience)
        call = Call(provider, limiter, inbox, timeout, self._note_job(provider, item))
        prepared = await self._prepare(provider, item)
        if isinstance(prepared, Answer):
            await self._end(item, prepared, None, expected)
            return
        begun = await self._begin(item, nano(ceiling) if ceiling else 0)
        if begun is None:
            return
        if begun.verdict == "over":
            await self._end(item, _over("the spend cap leaves no room for it"), None, expected)
            return
        await self._end(item, await self._ask_or_adopt(call, begun, prepared), inbox, expected)

    async def _ask_or_adopt(self, call: Call, begun: journal.Begun, prepared: Prepared) -> Answer:
        if begun.verdict == "go":
            return await call.ask(prepared)
        if begun.state == "submitted" and isinstance(begun.detail, dict):
            job = job_from(begun.detail)
            self._resources.setdefault(call.provider.spec.id, []).extend(job.resources)
            return await call.adopt(job)
        reason = "the run was killed while the paid request was on its way: it may have been billed"
        return Answer(Outcome.SUBMIT_UNKNOWN, reason, Timing(), None, 1)

    async def _price(self, provider: Provider, asked: Asked) -> tuple[Decimal | None, Decimal | None]:
        """What the request is expected to cost, and the most it can."""
        quote = await provider.quote(asked.request)
        expected = self._priced(asked, quote.expected)
        ceiling = expected if quote.ceiling is quote.expected else self._priced(asked, quote.ceiling)
        return expected.usd, ceiling.at_most

    def _priced(self, asked: Asked, usage: Usage) -> Price:
        """What ``usage`` costs today; the same use is looked up once."""
        spec, today = asked.arm.spec, datetime.now(UTC).date()
        place = (spec.id, today, usage.usd, *usage.quantities.items())
        price = self._prices.get(place)
        if price is None:
            if len(self._prices) >= _KEPT_PRICES:
                self._prices.clear()
            plan = self.run.plan.suite.plans.get(spec.vendor)
            price = self._prices[place] = self.book.price(spec.id, usage, today, plan=plan)
        return price

    async def _prepare(self, provider: Provider, item: Item) -> Prepared | Answer:
        """Free; what it makes at the vendor is in the ledger before and after, so that it can be purged."""
        request = item.asked.request
        makes = any(not isinstance(value, str) for value in request.sample.inputs.values())
        row = await self._intend(provider, item) if makes else None
        try:
            prepared = await provider.prepare(request, self._media)
        except Refusal as error:
            return Answer(error.outcome, str(error), Timing(), FREE, 0)
        except UsageError:
            raise
        except Exception as error:  # noqa: BLE001 - the provider reads its own errors
            verdict = provider.classify(error)
            return Answer(verdict.outcome, verdict.reason, Timing(), FREE, 0)
        if row is not None:
            self._resources.setdefault(provider.spec.id, []).extend(prepared.resources)
            await self.ledger.write(lambda c: journal.made(c, row, provider.spec.id, item.key, self.run.id, prepared))
        return prepared

    async def _intend(self, provider: Provider, item: Item) -> int:
        return await self.ledger.write(lambda c: journal.intend(c, provider.spec.id, item.key, self.run.id))

    async def _release(self, provider: Provider) -> None:
        """Delete at the vendor what this run made there; at its end, since vendors limit such changes.

        What several requests share was prepared by each and is released by each.
        """
        for resource in self._resources.pop(provider.spec.id, ()):
            try:
                await provider.release(resource)
            except Exception:  # noqa: BLE001, S112 - it stays listed: `filmbench resources purge` tries again
                continue
            await self.ledger.write(lambda c, name=resource: journal.released(c, provider.spec.id, name))  # type: ignore[misc]

    def _note_job(self, provider: Provider, item: Item) -> Callable[[Job], Awaitable[None]]:
        id, run = provider.spec.id, self.run.id

        async def note(job: Job) -> None:
            detail = job_json(job)
            await self.ledger.write(lambda c: journal.note(c, run, item.key, item.epoch, "submitted", detail))
            if job.resources:
                await self.ledger.write(lambda c: journal.left_by(c, id, item.key, run, job.resources))
                self._resources.setdefault(id, []).extend(job.resources)

        return note

    # --- both ----------------------------------------------------------------------------------------

    def _inbox(self, request: Request) -> Inbox:
        return Inbox(contract(request.contract), self.artifacts)

    async def _begin(self, item: Item, ceiling: int) -> journal.Begun | None:
        """Get the lease; wait while a living run holds it. ``None`` when the take is there already."""
        while True:
            ask = journal.Ask(self.run.id, self._owner, item.key, item.epoch, ceiling)
            begun = await self.ledger.write_with(journal.begin, ask)
            if begun.verdict == "made":
                self._ended(item, Outcome.OK)
                return None
            if begun.verdict != "busy":
                return begun
            if self.stopping:
                return None
            await asyncio.sleep(_BUSY_WAIT)

    async def _end(self, item: Item, answer: Answer, inbox: Inbox | None, quoted: Decimal | None = None) -> None:
        """Probe what came, price what was used, and write the take."""
        request = item.asked.request
        outcome, reason, timing = answer.outcome, answer.reason, answer.timing
        seconds: float | None = None
        probes: Mapping[str, Json] = {}
        if inbox and outcome is Outcome.OK:
            checked = await check(inbox)
            seconds, probes = checked.seconds, checked.probes
            timing = replace(timing, first_content=checked.first_content)
            if checked.fault:
                outcome, reason = Outcome.INVALID, checked.fault
        if outcome is Outcome.RETIRED and (end := self.book.ending(request.arm.provider, datetime.now(UTC).date())):
            reason = f"{reason} ({end})"
        billed = self._priced(item.asked, answer.usage).usd if answer.usage else None
        take = Take(
            request_key=item.key,
            epoch=item.epoch,
            outcome=outcome,
            reason=reason,
            artifacts=inbox.outputs() if inbox else {},
            timing=timing,
            usage=answer.usage,
            quoted_usd=quoted,
            billed_usd=billed,
            attempts=answer.attempts,
            live=request.endpoint is None,
            answered_model=answer.usage.answered_model if answer.usage else None,
            made_at=journal.now(),
            host=_HOST,
        )
        ending = journal.End(self.run.id, take, seconds, probes)
        if await self.ledger.write_for_good(journal.finish, ending):  # what was paid is kept, come what may
            self.tally.overbilled.append(request.arm.label)
        self._ended(item, outcome)

    def _ended(self, item: Item, outcome: Outcome) -> None:
        self.tally.count(outcome)
        self.watch(item.asked.request.arm.label, outcome)

    @asynccontextmanager
    async def _leases_kept(self) -> AsyncIterator[None]:
        async def beat() -> None:
            while True:
                await asyncio.sleep(journal.LEASE_SECONDS / 4)
                await self.ledger.write(lambda c: journal.heartbeat(c, self._owner))

        task = asyncio.create_task(beat())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def _with(first: Item, rest: Iterator[Item]) -> Iterator[Item]:
    yield first
    yield from rest


def _unable(asked: Asked) -> Answer:
    """Nobody was asked: what people make has not come yet, all else is not supported."""
    outcome = Outcome.NOT_SUPPLIED if asked.arm.spec.by_hand else Outcome.UNSUPPORTED
    return Answer(outcome, asked.unable, Timing(), FREE, 0)


def _skipped(reason: str) -> Answer:
    return Answer(Outcome.UNSUPPORTED, reason, Timing(), FREE, 0)


def _over(reason: str) -> Answer:
    return Answer(Outcome.BUDGET_STOP, reason, Timing(), FREE, 0)


def _cancelled(reason: str) -> Answer:
    return Answer(Outcome.CANCELLED, reason, Timing(), FREE, 0)
