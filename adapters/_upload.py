"""Sending a file to the store whose address the vendor gave for it: without the key, to a public host only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from filmbench.adapters._download import check_address
from filmbench.adapters._http import NotSent, asking

if TYPE_CHECKING:
    from aiohttp import ClientSession


async def put(
    session: ClientSession, address: str, content: bytes, loopback: bool, headers: Mapping[str, str] | None = None
) -> None:
    """PUT ``content`` with ``headers`` and no others: an address is often signed with what may be sent to it.

    Nothing has been asked of the vendor by then, so whatever goes wrong is :class:`NotSent`. Raises ``Unsafe`` for an
    address that nothing is sent to.
    """
    check_address(address, loopback)
    with asking(""):
        sent = session.put(
            address,
            data=content,
            headers=headers or {},
            allow_redirects=False,
            skip_auto_headers=() if headers and "Content-Type" in headers else ("Content-Type",),
        )
        async with sent as answer:
            if not 200 <= answer.status < 300:
                raise NotSent(f"the store answered the upload with {answer.status}")
