"""What runs made at vendors (cloned voices, uploads, projects) and has not been deleted there yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from filmbench.harness import registry
from filmbench.harness.engine import journal
from filmbench.harness.protocols import LocalEngine
from filmbench.harness.store import schema
from filmbench.harness.store.ledger import Ledger
from sqlalchemy import delete, select


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing at a vendor. ``name`` is ``None`` when a run was killed while it was being made."""

    row: int
    provider: str
    name: str | None
    run: str
    intended_at: str
    expires_at: str | None


def left(ledger: Ledger) -> tuple[Resource, ...]:
    """Everything that may still be at a vendor, oldest first."""
    table = schema.resources
    with ledger.read() as connection:
        rows = connection.execute(select(table).where(table.c.released_at.is_(None)).order_by(table.c.id)).mappings()
        return tuple(
            Resource(row["id"], row["provider"], row["resource"], row["run"], row["intended_at"], row["expires_at"])
            for row in rows
        )


def purge(ledger: Ledger, told: Callable[[Resource, str | None], None]) -> int:
    """Delete what is left at the vendors; ``told`` hears of each, with the reason when it could not be.

    An intention whose making was never confirmed is dropped from the list and told with a reason, since only
    the vendor's own page can show whether it came to be. Returns how many are left.
    """
    return asyncio.run(_purge(ledger, told))


async def _purge(ledger: Ledger, told: Callable[[Resource, str | None], None]) -> int:
    kept = 0
    for resource in left(ledger):
        reason = await _release(ledger, resource)
        kept += reason is not None and resource.name is not None
        told(resource, reason)
    return kept


async def _release(ledger: Ledger, resource: Resource) -> str | None:
    if resource.name is None:
        await ledger.write(lambda c: c.execute(delete(schema.resources).where(schema.resources.c.id == resource.row)))
        return "the run was killed while this was being made: look for it on the vendor's own page"
    name = resource.name
    provider = registry.providers().get(resource.provider)
    if isinstance(provider, LocalEngine):
        return "nothing of a local engine lies at a vendor"
    try:
        await provider.release(name)
    except Exception as error:  # noqa: BLE001 - the provider reads its own errors
        return provider.classify(error).reason
    finally:
        await provider.aclose()
    await ledger.write(lambda c: journal.released(c, resource.provider, name))
    return None
