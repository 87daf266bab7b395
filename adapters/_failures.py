"""What a failed call means for the request that met it, in the engine's words.

The status speaks first only where the vendor's own error code says nothing more: an account without
credit answers 401, 402 or 429, depending on the vendor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import urlsplit

from filmbench.adapters._http import (
    CutStream,
    FileError,
    HttpError,
    NoAnswer,
    NotSent,
    RunawayStream,
    Unsafe,
    Unusable,
    Withheld,
)
from filmbench.harness.protocols import ProviderSpec, Retry
from filmbench.harness.types import FilmbenchError, Outcome

Meaning = Literal["key", "credit", "gone", "input", "refused", "rate", "outage", "redirect", "undecided", "other"]

MODERATED = re.compile(r"moderat|policy|nsfw|inappropriate|sensitive", re.IGNORECASE)
"""Words of a vendor that says no to the content in the free text of a job that failed."""

_BY_STATUS: Mapping[int, Meaning] = {
    400: "input",
    401: "key",
    402: "credit",
    403: "key",
    404: "gone",
    405: "gone",
    408: "outage",
    410: "gone",
    413: "input",
    415: "input",
    422: "input",
    425: "rate",
    429: "rate",
    504: "undecided",
    524: "undecided",
}


def meaning_of(status: int) -> Meaning:
    """What a status says where the vendor's own code says nothing more.

    A gateway that gave up waiting (504, 524) leaves it open whether the work was done and billed.
    """
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 300 <= status < 400:
        return "redirect"
    return "outage" if status >= 500 else "other"


def classify(
    error: BaseException, spec: ProviderSpec, meaning: Callable[[HttpError], Meaning | None] = lambda _: None
) -> Retry:
    """What a failure means for the request that met it. ``meaning`` reads the vendor's own error codes."""
    match error:
        case FileError():
            passing = error.status in (408, 425, 429) or error.status >= 500
            lost = f"{spec.vendor} made a result, and its address answered {error.status}: {_message(error)}"
            return Retry(Outcome.FAILED, lost.rstrip(": "), again=passing, after=retry_after(error.headers))
        case HttpError():
            return _answered(error, spec, meaning(error) or meaning_of(error.status))
        case NotSent():
            return Retry(Outcome.FAILED, f"{spec.vendor} could not be reached ({error})", again=True, outage=True)
        case NoAnswer():
            return Retry(
                Outcome.FAILED, f"{spec.vendor} gave no answer ({error}): it may have been billed", unknown=True
            )
        case CutStream() | Unsafe():
            return Retry(Outcome.FAILED, str(error))
        case Withheld():
            return Retry(Outcome.REFUSED, str(error))
        case RunawayStream() | Unusable():
            return Retry(Outcome.INVALID, str(error))
        case TimeoutError():
            return Retry(
                Outcome.TIMED_OUT, f"{spec.vendor} gave no answer in time: it may have been billed", unknown=True
            )
        case _:
            return Retry(
                Outcome.FAILED, str(error) if isinstance(error, FilmbenchError) else f"{type(error).__name__}: {error}"
            )


def _answered(error: HttpError, spec: ProviderSpec, meaning: Meaning) -> Retry:
    said = f"{spec.vendor} answered {error.status}"
    if words := _message(error):
        said += f": {words}"
    match meaning:
        case "key":
            return Retry(Outcome.FAILED, f"{said} (check {spec.key_variable})")
        case "credit":
            return Retry(Outcome.FAILED, f"{said} (the account is out of credit)")
        case "gone":
            return Retry(Outcome.RETIRED, said)
        case "input":
            return Retry(Outcome.INVALID, said)
        case "refused":
            return Retry(Outcome.REFUSED, said)
        case "rate":
            return Retry(Outcome.FAILED, said, again=True, rate_limited=True, after=retry_after(error.headers))
        case "outage":
            return Retry(Outcome.FAILED, said, again=True, after=retry_after(error.headers), outage=True)
        case "redirect":
            target = urlsplit(error.headers.get("location", "")).hostname or "elsewhere"
            return Retry(Outcome.FAILED, f"{said}, a redirect to {target}: not followed, the key stays here")
        case "undecided":
            return Retry(Outcome.FAILED, f"{said} (it may have been billed)", unknown=True, outage=True)
        case _:
            return Retry(Outcome.FAILED, said)


def _message(error: HttpError) -> str:
    """The vendor's own words: the first text under the usual names, else the start of the body."""
    found = error.detail() if error.body[:1] in ("{", "[") else error.body
    for _ in range(4):
        if isinstance(found, list) and found:
            found = found[0]
        if not isinstance(found, Mapping):
            break
        found = next((found[name] for name in ("detail", "error", "message", "msg", "title") if found.get(name)), None)
    words = found if isinstance(found, str) else error.body if found else ""
    return words[:200].strip()


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait by ``retry-after-ms`` or ``retry-after`` (seconds or an HTTP date); ``None`` without either."""
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return max(0.0, float(milliseconds) / 1000)
        if not (given := headers.get("retry-after", "").strip()):
            return None
        if re.fullmatch(r"\d+(\.\d+)?", given):
            return float(given)
        return max(0.0, (parsedate_to_datetime(given) - (now or datetime.now(UTC))).total_seconds())
    except (ValueError, TypeError):
        return None
