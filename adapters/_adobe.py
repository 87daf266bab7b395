"""What Adobe's services have in common: a token for client id and secret, jobs, errors.

Contract: OAuth client credentials at ``ims-na1.adobelogin.com/ims/token/v3`` (developer.adobe.com, authentication);
jobs with ``POST``, ``GET …/status/{id}``. All of it needs an enterprise contract. A token lasts a day and is asked for
again an hour before, or when it is turned down. The secret goes to that one address and nowhere else, the token to the
service itself: an address in an answer is never asked with it. No answer tells what a job cost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from filmbench.adapters._failures import Meaning
from filmbench.adapters._http import HttpError, NoAnswer, NotSent, asked_json, is_loopback
from filmbench.adapters._jobs import JobVendor
from filmbench.adapters._vendor import key_needed
from filmbench.harness import keys
from filmbench.harness.protocols import Job, Media, Param, Prepared, Progress, ProviderSpec, Requirement
from filmbench.harness.types import Request

IMS = "https://ims-na1.adobelogin.com"
SCOPE = "openid,AdobeID,firefly_api,ff_apis"
PATIENCE = 45 * 60.0
CLIENT_ID = "ADOBE_CLIENT_ID"
_WHERE = "https://developer.adobe.com/console"
_REQUIRES = (key_needed("ADOBE_CLIENT_SECRET", _WHERE), key_needed(CLIENT_ID, _WHERE))
NEW_SECONDS = 60.0
_LIFE = 23 / 24  # of a token's, as the vendor advises
_REFUSED_BY_IMS = (400, 401, 403, 429)
_STATES = {
    "pending": "queued",
    "running": "running",
    "cancel_pending": "running",
    "succeeded": "done",
    "partially_succeeded": "done",
    "failed": "failed",
    "timeout": "failed",
    "canceled": "cancelled",
    "cancelled": "cancelled",
}
_BY_CODE: Mapping[str, Meaning] = {
    "invalid_client": "key",
    "invalid_scope": "key",
    "validation_error": "input",
    "prompt_unsafe": "refused",
    "input_media_unsafe": "refused",
    "output_media_unsafe": "refused",
    "rate_limited": "rate",
}


@dataclass(slots=True)
class _Token:
    """The token of one event loop and address, since when there is one and until when it is used."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    text: str = ""
    since: float = 0.0
    until: float = 0.0


class Adobe(JobVendor):
    """One service of Adobe's; ``below`` is the path below which its jobs are asked after."""

    below: str

    def __init__(self, spec: ProviderSpec) -> None:
        super().__init__(spec)
        self._tokens: dict[tuple[asyncio.AbstractEventLoop, str], _Token] = {}

    def headers(self, key: str) -> dict[str, str]:
        """``key`` is the token; the client's id stands beside it."""
        return {"Authorization": f"Bearer {key}", "x-api-key": keys.get(CLIENT_ID).reveal()}

    async def prepare(self, request: Request, media: Media) -> Prepared:
        """As usual, and have a token ready."""
        prepared = await super().prepare(request, media)
        await self._token(str(prepared.payload["url"]))
        return prepared

    async def ask(self, url: str, method: str, path: str, **content: Any) -> tuple[Any, Mapping[str, str]]:
        """One call with the token. One turned down with a token of some age did nothing, and goes again with a new."""
        session, more = await self.client(url), content.pop("headers", {})
        token, fresh = await self._token(url)
        try:
            return await asked_json(session, method, url + path, self.headers(token) | more, token, **content)
        except HttpError as error:
            if error.status != 401 or fresh:
                raise
        token, _ = await self._token(url, instead_of=token)
        return await asked_json(session, method, url + path, self.headers(token) | more, token, **content)

    async def _token(self, url: str, instead_of: str | None = None) -> tuple[str, bool]:
        """The token, and whether it is so new that it cannot have ended."""
        held = self._tokens.setdefault((asyncio.get_running_loop(), url), _Token())
        async with held.lock:
            if time.time() >= held.until or held.text == instead_of:
                answer = await self._granted(url)
                held.text, held.since = str(answer["access_token"]), time.time()
                held.until = held.since + _LIFE * float(answer["expires_in"])
            return held.text, time.time() - held.since < NEW_SECONDS

    async def _granted(self, url: str) -> dict[str, Any]:
        """A new token's answer. Whatever goes wrong, the service itself was not asked yet."""
        session, secret = await self.client(url), self.key()
        form = {
            "grant_type": "client_credentials",
            "client_id": keys.get(CLIENT_ID).reveal(),
            "client_secret": secret,
            "scope": SCOPE,
        }
        where = f"{url if is_loopback(url) else IMS}/ims/token/v3"
        try:
            answer, _ = await asked_json(session, "POST", where, {}, secret, data=form)
        except HttpError as error:
            if error.status in _REFUSED_BY_IMS:
                raise
            raise NotSent(f"no token was given: {error}") from None
        except NoAnswer as error:
            raise NotSent(f"no token was given: {error}") from None
        if not isinstance(answer, dict) or not answer.get("access_token") or not answer.get("expires_in"):
            raise NotSent("an answer without a token")
        return answer

    def job_id(self, answer: Any) -> str | None:
        """The job's id."""
        return str(answer.get("jobId") or "") or None if isinstance(answer, dict) else None

    def status_path(self, job: Job) -> str:
        """Where a job is asked after: at the service's own address, not at the one the answer names."""
        return f"{self.below}/{job.ids[0]}"

    def progress(self, answer: Any) -> Progress:
        """A job stopped by a filter is a failed one whose code or words say so."""
        job = answer if isinstance(answer, dict) else {}
        state = _STATES.get(str(job.get("status", "")).lower(), "running")
        code, said = str(job.get("error_code") or ""), str(job.get("message") or "")
        if state == "failed" and (_BY_CODE.get(code) == "refused" or "unsafe" in said):
            state = "refused"
        reason = ": ".join(part for part in (code, said) if part)
        return Progress(state, reason=reason or None)  # type: ignore[arg-type]

    def meaning(self, error: HttpError) -> Meaning | None:
        """By ``error_code``; 451 is a refusal, and a spent allowance is told by a header."""
        if error.status == 451:
            return "refused"
        if error.headers.get("x-access-error") == "quota_exhausted":
            return "credit"
        body = error.detail()
        code = (body.get("error_code") or body.get("error")) if isinstance(body, dict) else None
        return _BY_CODE.get(str(code))


def spec(
    name: str,
    title: str,
    contract: str,
    url: str,
    params: Mapping[str, Param],
    languages: frozenset[str] | None = None,
    requires: tuple[Requirement, ...] = (),
) -> ProviderSpec:
    """The facts of one service that are Adobe's."""
    return ProviderSpec(
        id=f"adobe/{name}",
        contracts=(contract,),
        title=f"Adobe {title}",
        revision="1",
        licence="Adobe product-specific terms; an enterprise contract",
        languages=languages,
        params=params,
        requires=(*_REQUIRES, *requires),
        resumable=True,
        concurrency=1,
        patience=PATIENCE,
        default_endpoint=url,
    )
