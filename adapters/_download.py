"""Fetching what a vendor made, from the address in its answer.

The address is the vendor's word, so it is not trusted: the key is not sent along (but to the vendor's own door, whose
address is ours), only https to a public host will do (loopback where the vendor itself is configured to be on this
machine), each redirect is looked at again, and the size has an end. A transfer that breaks is taken up where it broke,
and only where the file is still the same one.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from aiohttp import DefaultResolver
from aiohttp.abc import AbstractResolver
from filmbench.adapters._http import (
    CutStream,
    FileError,
    NoAnswer,
    NotSent,
    RunawayStream,
    Unsafe,
    asking,
    excerpt,
    is_loopback,
    is_private,
)
from filmbench.harness.protocols import Writer

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

MAX_FILE_BYTES = 2 * 1024**3
REDIRECTS = 5
RESUMES = 4
_PAUSE_SECONDS = 0.2


class PublicHosts(AbstractResolver):
    """Resolves names as usual and gives no address inside a private network, at the moment of connecting."""

    def __init__(self, loopback: bool) -> None:
        self._loopback = loopback
        self._names = DefaultResolver()

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> Any:
        """The host's addresses. Raises :class:`Unsafe` where one of them is private."""
        found = await self._names.resolve(host, port, family)
        for one in found:
            if is_private(one["host"]) and not (self._loopback and is_loopback(f"http://{host}")):
                raise Unsafe(f"{host} lies in a private network: nothing is fetched there")
        return found

    async def close(self) -> None:
        """Close the resolver beneath."""
        await self._names.close()


class FileWriter:
    """An open file as the writer of a download: where what comes is taken apart before it is handed on."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    async def write(self, chunk: bytes) -> None:
        """Write ``chunk``."""
        self._file.write(chunk)


def check_address(url: str, loopback: bool) -> str:
    """``url``, if it may be fetched from. ``loopback``: this machine is the vendor's. Raises :class:`Unsafe`."""
    parts = urlsplit(url)
    if not parts.hostname or parts.username or parts.password:
        raise Unsafe(f"the result's address is none that is fetched from: {url[:80]!r}")
    if is_loopback(url):
        if loopback and parts.scheme in ("http", "https"):
            return url
        raise Unsafe("the result's address is on this machine, which is not the vendor")
    if parts.scheme != "https":
        raise Unsafe(f"the result's address is {parts.scheme}, not https")
    if is_private(parts.hostname):
        raise Unsafe(f"the result's address {parts.hostname} lies in a private network")
    return url


@dataclass(slots=True)
class _Got:
    """What has arrived of one file, and by which marks it is known to be the same file."""

    writer: Writer
    received: int = 0
    total: int | None = None
    etag: str | None = None
    hash: Any = field(default_factory=hashlib.sha256)

    async def take(self, chunk: bytes) -> None:
        if self.received + len(chunk) > MAX_FILE_BYTES:
            raise RunawayStream(MAX_FILE_BYTES)
        self.received += len(chunk)
        self.hash.update(chunk)
        await self.writer.write(chunk)


async def download(
    session: ClientSession, url: str, writer: Writer, loopback: bool, headers: Mapping[str, str] | None = None
) -> int:
    """Stream the file at ``url``, or the one in it (``data:``), into ``writer``; gives its length in bytes.

    ``headers`` go to ``url`` alone and never along a redirect. Broken transfers are resumed ``RESUMES`` times. Raises
    :class:`Unsafe`, :class:`FileError`, :class:`CutStream`, :class:`RunawayStream`, :class:`NotSent` or
    :class:`NoAnswer`.
    """
    got = _Got(writer)
    if url.startswith("data:"):
        await got.take(_inline(url))
        return got.received
    for attempt in range(RESUMES + 1):
        try:
            await _more(session, url, got, loopback, headers or {})
            return got.received
        except (CutStream, NoAnswer, NotSent):
            if attempt == RESUMES:
                raise
            await asyncio.sleep(_PAUSE_SECONDS * 2**attempt * random.uniform(1, 1.5))  # noqa: S311 - spreads only
    raise AssertionError("unreachable")


def _inline(url: str) -> bytes:
    """The content of a ``data:`` address in base64."""
    try:
        content = base64.b64decode(url.partition(";base64,")[2], validate=True)
    except ValueError:
        raise CutStream(0, "inline content that cannot be read") from None
    if not content:
        raise CutStream(0, "an answer without content")
    return content


async def _more(session: ClientSession, url: str, got: _Got, loopback: bool, door: Mapping[str, str]) -> None:
    """The rest of the file, from where the last transfer ended."""
    headers = {"Accept-Encoding": "identity"}
    if got.received:
        headers["Range"] = f"bytes={got.received}-"
        if got.etag:
            headers["If-Range"] = got.etag
    for _ in range(REDIRECTS + 1):
        check_address(url, loopback)
        with asking(""):
            answer = await session.get(url, headers={**headers, **door}, allow_redirects=False)
        async with answer:
            if answer.status in (301, 302, 303, 307, 308) and "location" in answer.headers:
                url, door = urljoin(url, answer.headers["location"]), {}
                continue
            if answer.status not in (200, 206):
                with asking(""):
                    said = excerpt(await answer.content.read(600), next(iter(door.values()), ""))
                    raise FileError(answer.status, answer.headers, said)
            await _take_in(answer, got)
            return
    raise Unsafe(f"the result's address leads on more than {REDIRECTS} times")


async def _take_in(answer: ClientResponse, got: _Got) -> None:
    chunks = answer.content.iter_any()
    if answer.status == 206:
        start, total = _range(answer.headers.get("Content-Range", ""))
        if start != got.received or (got.total is not None and total != got.total):
            raise FileError(206, answer.headers, "the vendor went on elsewhere than it was asked to")
    elif got.received:
        await _skip_same(chunks, got)
    else:
        got.total = answer.content_length
        etag = answer.headers.get("ETag", "")
        got.etag = etag if etag.startswith('"') else None
        if got.total is not None and got.total > MAX_FILE_BYTES:
            raise RunawayStream(MAX_FILE_BYTES)
    async for chunk in _arriving(chunks, got):
        await got.take(chunk)
    if not got.received or (got.total is not None and got.received < got.total):
        raise CutStream(got.received, "an answer without content" if not got.received else "shorter than announced")


async def _skip_same(chunks: AsyncIterator[bytes], got: _Got) -> None:
    """Pass over what is here already; where the file begins otherwise now, it is another file."""
    left, again = got.received, hashlib.sha256()
    async for chunk in _arriving(chunks, got):
        again.update(chunk[:left])
        rest, left = chunk[left:], left - len(chunk[:left])
        if left == 0:
            if again.digest() != got.hash.digest():
                raise FileError(200, {}, "the file changed while it was being fetched")
            if rest:
                await got.take(rest)
            return


async def _arriving(chunks: AsyncIterator[bytes], got: _Got) -> AsyncIterator[bytes]:
    """The chunks; whatever the client calls a broken connection is a :class:`CutStream`."""
    while True:
        try:
            chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except Exception as error:  # noqa: BLE001 - the client has many names for a connection that went away
            raise CutStream(got.received, type(error).__name__) from None
        yield chunk


def _range(words: str) -> tuple[int | None, int | None]:
    """First byte and whole length of ``bytes 100-199/200``; ``None`` where it does not say."""
    try:
        span, _, total = words.removeprefix("bytes ").partition("/")
        return int(span.partition("-")[0]), None if total == "*" else int(total)
    except ValueError:
        return None, None
