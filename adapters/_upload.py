"""Sending a file to the store whose address the vendor gave for it: without the key, to a public host only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

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
    plain = () if headers and "Content-Type" in headers else ("Content-Type",)
    await _sent(session, "PUT", address, loopback, data=content, headers=headers or {}, skip_auto_headers=plain)


async def post_form(
    session: ClientSession, address: str, fields: Mapping[str, str], file: tuple[bytes, str, str], loopback: bool
) -> None:
    """POST a form of ``fields`` and then ``file`` (content, name, media type), as stores of S3's kind take it.

    Raises as :func:`put` does.
    """
    import aiohttp

    content, name, media_type = file
    form = aiohttp.FormData()
    for field, value in fields.items():
        form.add_field(field, value)
    form.add_field("file", content, filename=name, content_type=media_type)
    await _sent(session, "POST", address, loopback, data=form)


async def _sent(session: ClientSession, method: str, address: str, loopback: bool, **more: Any) -> None:
    check_address(address, loopback)
    with asking(""):
        async with session.request(method, address, allow_redirects=False, **more) as answer:
            if not 200 <= answer.status < 300:
                raise NotSent(f"the store answered the upload with {answer.status}")
