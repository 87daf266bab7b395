"""What every vendor adapter has: its key, its clients, its parameters, how its failures are read."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

from filmbench.adapters._failures import Meaning, classify
from filmbench.adapters._http import HttpError, is_loopback, refuse_private
from filmbench.harness import keys
from filmbench.harness.protocols import ProviderSpec, Refusal, Requirement, Retry
from filmbench.harness.types import Artifact, Outcome, Request, Usage


def key_needed(variable: str, where: str) -> Requirement:
    """The requirement of a vendor's key, with where it is made."""
    return Requirement("key", variable, f"make a key at {where}, then: export {variable}=…")


def present(**optional: Any) -> dict[str, Any]:
    """The arguments that have a value: a vendor must not be told ``None`` where it may be told nothing."""
    return {name: value for name, value in optional.items() if value is not None}


NO_LENGTH = Usage(evidence="the length of the input is not known")


def minutes(seconds: Decimal, evidence: str) -> Usage:
    """``seconds`` as vendors bill them that price by the minute."""
    return Usage({"minute": round(seconds / 60, 6)}, evidence)


@dataclass(slots=True)
class _Clients:
    """The open clients of one event loop by address and key, each with what closes it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    open: dict[tuple[str, str], tuple[Any, Callable[[], Awaitable[None]]]] = field(default_factory=dict)


class Vendor(ABC):
    """One model of one vendor. A vendor writes ``connect``."""

    def __init__(self, spec: ProviderSpec) -> None:
        self.spec = spec
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, _Clients] = WeakKeyDictionary()

    @property
    def model(self) -> str:
        """The vendor's name of the model."""
        return self.spec.id.partition("/")[2]

    def param(self, request: Request, name: str) -> Any:
        """The arm's parameter, or its default."""
        return request.arm.params.get(name, self.spec.params[name].default)

    @abstractmethod
    async def connect(self, url: str, key: str, environment: bool) -> tuple[Any, Callable[[], Awaitable[None]]]:
        """A client for ``url`` and what closes it. ``environment``: proxies of the environment may be used."""

    async def client(self, url: str) -> Any:
        """The client of this event loop for ``url``, made once, however many requests begin together."""
        key = self.key()
        mine = self._clients.setdefault(asyncio.get_running_loop(), _Clients())
        async with mine.lock:
            if (url, key) not in mine.open:
                await refuse_private(url)
                mine.open[url, key] = await self.connect(url, key, environment=not is_loopback(url))
            return mine.open[url, key][0]

    def key(self) -> str:
        """The text of the vendor's key. Raises :class:`UsageError` saying how to give one."""
        return keys.get(str(self.spec.key_variable)).reveal()

    async def aclose(self) -> None:
        """Close the clients of the running event loop."""
        mine = self._clients.pop(asyncio.get_running_loop(), _Clients())
        for _, close in mine.open.values():
            await close()

    def input(self, request: Request, role: str, kinds: tuple[str, ...], most_bytes: int) -> Artifact:
        """The medium in an input role, if the vendor takes it. Raises :class:`Refusal`."""
        value = request.sample.inputs.get(role)
        if not isinstance(value, Artifact):
            raise Refusal(f"the sample has no {role}", Outcome.INVALID)
        if value.media_type not in kinds:
            raise Refusal(f"{self.spec.id} does not take {value.media_type}")
        if value.bytes > most_bytes:
            raise Refusal(f"{self.spec.id} takes at most {most_bytes / 1e6:.0f} MB, {role} has {value.bytes / 1e6:.1f}")
        return value

    def seconds(self, request: Request, *roles: str) -> Decimal | None:
        """Length of the longest medium in those roles; ``None`` where there is none, or one's is not known."""
        media = [value for role in roles if isinstance(value := request.sample.inputs.get(role), Artifact)]
        lengths = [one.seconds for one in media if one.seconds is not None]
        if not media or len(lengths) < len(media):
            return None
        return Decimal(str(round(max(lengths), 3)))

    def meaning(self, error: HttpError) -> Meaning | None:
        """What the vendor's own error code says, where it says more than the status."""
        return None

    def classify(self, error: BaseException) -> Retry:
        """See :func:`filmbench.adapters._failures.classify`."""
        return classify(error, self.spec, self.meaning)
