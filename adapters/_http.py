"""HTTP as every vendor adapter needs it: where to send, how to take in a stream, which faults there are.

Whatever client a vendor's SDK brings, a failure becomes one of few faults, because the engine has to
know one thing above all: whether a second POST could pay twice (what they mean is read in ``_failures``).

* :class:`HttpError`: the vendor answered, with an error. Nothing was made, nothing billed.
* :class:`NotSent`: no connection came about. Nothing was asked.
* :class:`NoAnswer`: the request went out and no status came back. Nobody can tell whether it was billed.
* :class:`CutStream`: the answer began and did not end whole. It was made, and most likely billed.

A job's result is fetched from an address of its own, where two more can happen: :class:`FileError` and
:class:`Unsafe`.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from filmbench.harness.protocols import ProviderSpec, Refusal, Writer
from filmbench.harness.types import FilmbenchError, UsageError

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

CONNECT_SECONDS = 15.0
SILENCE_SECONDS = 120.0
MAX_SPEECH_BYTES = 256 * 1024**2
MAX_JSON_BYTES = 64 * 1024**2
_EXCERPT = 600


class VendorFault(Exception):
    """A call to a vendor did not bring its answer. No message of a fault ever holds a key."""


class HttpError(VendorFault):
    """The vendor answered with an error status. ``body`` is the start of what it said, keys removed."""

    def __init__(self, status: int, headers: Mapping[str, str], body: str) -> None:
        super().__init__(f"HTTP {status}: {body[:200]}" if body else f"HTTP {status}")
        self.status = status
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body

    def detail(self) -> Any:
        """The body as JSON, or ``None`` where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class NotSent(VendorFault):
    """No connection: the request never left."""


class NoAnswer(VendorFault):
    """The request went out and the connection ended, or stayed silent, before any status came."""


class CutStream(VendorFault):
    """The answer stopped after ``received`` bytes."""

    def __init__(self, received: int, why: str) -> None:
        super().__init__(f"the stream was cut after {received} bytes ({why})")
        self.received = received


class RunawayStream(VendorFault):
    """The answer passed any size that speech can have."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the answer passed {limit} bytes and was dropped")


class Unusable(VendorFault):
    """The result came whole and is not what was asked for, nor can that be made of it."""


class Withheld(VendorFault):
    """The vendor did the work and keeps the result back: its own filter did not let it pass."""


class Unsafe(VendorFault):
    """The vendor's answer leads to an address that is not fetched from."""


class FileError(HttpError):
    """The place where the result should lie answers with an error status; the job itself was done."""


# --- where to send ------------------------------------------------------------------------------------


def base_url(spec: ProviderSpec, endpoint: str | None) -> str:
    """The address to send to, without a trailing slash: the request's, or the vendor's own.

    A key travels with the request, so only https will do, and no address inside a private network; a
    loopback host is allowed, plain too. Raises :class:`UsageError`.
    """
    url = (endpoint or spec.default_endpoint or "").rstrip("/")
    parts = urlsplit(url)
    host = parts.hostname
    if not host or parts.username or parts.query or parts.fragment:
        raise UsageError(f"{url!r} is no address for {spec.vendor}", "give it as https://host or https://host/path")
    if is_loopback(url):
        if parts.scheme not in ("http", "https"):
            raise UsageError(f"{url!r}: only http and https are spoken")
        return url
    if parts.scheme != "https":
        raise UsageError(f"{url!r}: a key is sent over https only", "use https, or a host on this machine")
    _refuse_private(host, host)
    return url


def is_loopback(url: str) -> bool:
    """Whether the address names this machine."""
    host = urlsplit(url).hostname or ""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


async def refuse_private(url: str) -> None:
    """Resolve the host and raise :class:`UsageError` where it leads into a private network.

    A name that does not resolve is left to the connection, which will say so.
    """
    import asyncio
    import socket

    host = urlsplit(url).hostname or ""
    if is_loopback(url):
        return
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        return
    for *_, address in found:
        _refuse_private(str(address[0]), host)


def is_private(address: str) -> bool:
    """Whether ``address`` is an IP address that the public network does not lead to; a name is not."""
    known = _address(address)
    return known is not None and not known.is_global


def _refuse_private(address: str, host: str) -> None:
    if is_private(address):
        raise UsageError(f"{host} lies in a private network: nothing is sent there", "use the vendor's public address")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def plain_session(url: str, environment: bool, silence: float) -> ClientSession:
    """An HTTP session without key or cookies that connects to public hosts alone (loopback where ``url`` is that).

    ``silence`` is how long an answer may keep still, in seconds.
    """
    import aiohttp
    from filmbench.adapters._download import PublicHosts

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, resolver=PublicHosts(loopback=is_loopback(url))),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=silence),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=environment,
    )


# --- taking in ----------------------------------------------------------------------------------------


async def receive(writer: Writer, chunks: AsyncIterator[bytes]) -> int:
    """Write ``chunks`` as they arrive and count them.

    Raises :class:`CutStream` where the stream ends early or held nothing, :class:`RunawayStream` past
    ``MAX_SPEECH_BYTES``. What the writer raises is let through as it is.
    """
    received = 0
    while True:
        try:
            chunk = await anext(chunks)
        except StopAsyncIteration:
            break
        except Exception as error:  # noqa: BLE001 - each SDK has its own name for a connection that went away
            raise CutStream(received, type(error).__name__) from None
        received += len(chunk)
        if received > MAX_SPEECH_BYTES:
            raise RunawayStream(MAX_SPEECH_BYTES)
        if chunk:
            await writer.write(chunk)
    if not received:
        raise CutStream(0, "an answer without content")
    return received


@asynccontextmanager
async def posted(
    session: ClientSession, url: str, headers: Mapping[str, str], secret: str, **content: Any
) -> AsyncIterator[ClientResponse]:
    """One POST of ``json`` or ``data``, no redirect followed, the answer still to be read. Raises the faults above."""
    async with AsyncExitStack() as stack:
        with asking(secret):
            request = session.post(url, headers=headers, allow_redirects=False, **content)
            answer = await stack.enter_async_context(request)
            if answer.status != 200:
                said = excerpt(await answer.content.read(4 * _EXCERPT), secret)
                raise HttpError(answer.status, answer.headers, said)
        yield answer


async def asked_json(
    session: ClientSession, method: str, url: str, headers: Mapping[str, str], secret: str, **content: Any
) -> tuple[Any, Mapping[str, str]]:
    """One call that answers with JSON (``None`` where it answers with nothing), and the answer's headers.

    No redirect is followed. Raises the faults above; an answer that cannot be read is :class:`NoAnswer`,
    since its sender has done what it was asked.
    """
    with asking(secret):
        async with session.request(method, url, headers=headers, allow_redirects=False, **content) as answer:
            if not 200 <= answer.status < 300:
                said = excerpt(await answer.content.read(4 * _EXCERPT), secret)
                raise HttpError(answer.status, answer.headers, said)
            body = await _whole(answer)
            try:
                return (json.loads(body) if body else None), answer.headers
            except ValueError:
                raise NoAnswer(f"answered {answer.status} with what is no JSON") from None


async def _whole(answer: ClientResponse) -> bytes:
    body = b""
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > MAX_JSON_BYTES:
            raise NoAnswer(f"answered {answer.status} with more than {MAX_JSON_BYTES} bytes of JSON")
    return body


@contextmanager
def asking(secret: str) -> Iterator[None]:
    """Around the sending of a request: whatever the client or SDK raises becomes one of our faults.

    The original is not chained: SDK errors carry the request, and with it the key.
    """
    try:
        yield
    except (VendorFault, FilmbenchError, Refusal):
        raise
    except Exception as error:  # noqa: BLE001 - SDKs share no base class; what is unknown counts as sent
        raise fault(error, secret) from None


def fault(error: BaseException, secret: str = "") -> VendorFault:
    """Read an exception of aiohttp, httpx, httpx2 or an SDK built on them."""
    status = getattr(error, "status_code", None) or getattr(error, "status", None)
    if isinstance(status, int):
        answer = getattr(error, "response", None)
        headers = getattr(answer, "headers", None) or getattr(error, "headers", None) or {}
        if 200 <= status < 300:  # an SDK that cannot read what it was well answered with
            return NoAnswer(f"answered {status} with what is no JSON")
        return HttpError(status, dict(headers), excerpt(getattr(error, "body", None), secret))
    root = _transport_error(error)
    words = scrubbed(f"{type(root).__name__}: {root}", secret)
    return NotSent(words) if _before_sending(root) else NoAnswer(words)


def _transport_error(error: BaseException) -> BaseException:
    """The exception of aiohttp, on which all clients here stand, beneath what httpx or an SDK made of it."""
    import aiohttp

    found: BaseException | None = error
    while found is not None and not isinstance(found, aiohttp.ClientError):
        found = found.__cause__ or found.__context__
    return found or error


def _before_sending(error: BaseException) -> bool:
    """Whether the connection itself failed.

    Only aiohttp's own exceptions tell: the httpx transport over it calls every lost connection a
    ``ConnectTimeout``, also one that was lost after sending.
    """
    import aiohttp

    return isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL))


def excerpt(body: Any, secret: str = "") -> str:
    """The start of an error body as text, the key removed should the vendor have echoed it."""
    if body is None:
        return ""
    if isinstance(body, bytes):
        words = body.decode("utf-8", "replace")
    elif isinstance(body, str):
        words = body
    else:
        words = json.dumps(body, ensure_ascii=False, default=str)
    return scrubbed(words, secret)[:_EXCERPT]


def scrubbed(words: str, secret: str) -> str:
    """``words`` without ``secret``, nor what looks like a vendor's key."""
    if secret:
        words = words.replace(secret, "[key]")
    return re.sub(r"\b(sk[-_]|Bearer )[\w.*-]{8,}", r"\1[key]", words)
