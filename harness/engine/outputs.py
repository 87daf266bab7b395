"""What came back for one request: received, probed, timed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from filmbench.harness.contracts import Contract, Kind
from filmbench.harness.store.artifacts import Artifacts, Spooled
from filmbench.harness.types import Artifact, Json


@dataclass(slots=True)
class Inbox:
    """Collects one request's outputs; calling it is the provider's :class:`Sink`.

    ``clock`` is the ``time.perf_counter()`` of sending. Roles that the contract does not give are refused.
    """

    contract: Contract
    artifacts: Artifacts
    clock: float = 0.0
    received: dict[str, list[Artifact]] = field(default_factory=dict)
    arrivals: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    first_byte: float | None = None

    def start(self) -> None:
        """The request is being sent now; what an earlier attempt received is forgotten."""
        self.clock = time.perf_counter()
        self.forget()

    def forget(self) -> None:
        """Drop what was received so far; the clock goes on."""
        self.received.clear()
        self.arrivals.clear()
        self.first_byte = None

    @asynccontextmanager
    async def __call__(self, role: str, media_type: str) -> AsyncIterator[Spooled]:
        """Take in one artifact of ``role``."""
        self.contract.output(role)
        async with self.artifacts.receive(role, media_type, self.clock) as spooled:
            try:
                yield spooled
            finally:
                if spooled.arrivals and self.first_byte is None:
                    self.first_byte = spooled.arrivals[0][1]
        artifact = Artifact(spooled.sha256, media_type, spooled.bytes)
        self.received.setdefault(role, []).append(artifact)
        self.arrivals.setdefault(role, spooled.arrivals)

    def elapsed(self) -> float:
        """Seconds since sending."""
        return time.perf_counter() - self.clock

    def named(self, probes: Mapping[str, Json]) -> None:
        """Call each artifact what it was found to be: a vendor's header may say anything."""
        for role, many in self.received.items():
            self.received[role] = [_as_found(artifact, probes.get(artifact.sha256)) for artifact in many]

    def outputs(self) -> Mapping[str, tuple[Artifact, ...]]:
        """What was received whole, by role."""
        return {role: tuple(many) for role, many in self.received.items()}


def _as_found(artifact: Artifact, probe: Json) -> Artifact:
    found = probe.get("media_type") if isinstance(probe, dict) else None
    return replace(artifact, media_type=found) if isinstance(found, str) else artifact


@dataclass(frozen=True, slots=True)
class Checked:
    """The probe's verdict on a request's outputs. ``fault`` is ``None`` when all are usable media."""

    seconds: float | None
    first_content: float | None
    probes: Mapping[str, Json]
    fault: str | None


async def check(inbox: Inbox) -> Checked:
    """Probe every output; silent, truncated, oversized or missing media is a fault, never a low score.

    What is whole bears from now on the media type that was found, whatever the vendor called it.
    """
    for role in inbox.contract.outputs:
        if role.required and role.name not in inbox.received:
            return Checked(None, None, {}, f"no {role.name} came back")
    probes: dict[str, Json] = {}
    seconds = content = None
    for role in inbox.contract.outputs:
        for artifact in inbox.received.get(role.name, ()):
            found = await _probed(inbox.artifacts, artifact, role.kind)
            if isinstance(found, str):
                return Checked(seconds, None, probes, f"{role.name}: {found}")
            probes[artifact.sha256] = found
            if seconds is None and isinstance(length := found.get("seconds"), float):
                seconds = length
                content = _first_content(inbox, role.name, artifact, length, found.get("active_from"))
    inbox.named(probes)
    return Checked(seconds, content, probes, None)


_PROBES: dict[tuple[str, Kind], dict[str, Json] | str] = {}
_KEPT_PROBES = 4096


async def _probed(artifacts: Artifacts, artifact: Artifact, kind: Kind) -> dict[str, Json] | str:
    """The facts of a medium or its fault. Content has one name, so the same content is probed once."""
    place = (artifact.sha256, kind)
    if place not in _PROBES:
        if len(_PROBES) >= _KEPT_PROBES:
            _PROBES.clear()
        _PROBES[place] = await asyncio.to_thread(_probe, artifacts.path(artifact), kind)
    return _PROBES[place]


def _probe(path: Path, kind: Kind) -> dict[str, Json] | str:
    from filmbench.harness.media.probe import BadMedia, facts

    try:
        return facts(path, kind)
    except BadMedia as error:
        return error.reason


def _first_content(inbox: Inbox, role: str, artifact: Artifact, seconds: float, active: Json) -> float | None:
    """When the first audible moment could be heard: its bytes are here and playing has reached it."""
    if not isinstance(active, float) or inbox.first_byte is None or seconds <= 0:
        return None
    needed = artifact.bytes * min(active / seconds, 1.0)
    arrived = next((at for so_far, at in inbox.arrivals[role] if so_far >= needed), None)
    return None if arrived is None else max(arrived, inbox.first_byte + active)
