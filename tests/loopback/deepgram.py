"""A loopback Deepgram: ``POST /v1/speak``, as developers.deepgram.com describes it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from aiohttp import web
from loopback.server import KEY, Reject, Speech, Vendor, expect_json, main

MOST_CHARACTERS = 2000


class Deepgram(Vendor):
    """WAV of 24 kHz; what is billed stands in ``dg-char-count``."""

    name = "deepgram"
    paths = ("/v1/speak",)

    def error(self, status: int) -> Any:
        return {"err_code": "scripted", "err_msg": f"scripted {status}", "request_id": "r"}

    async def speech(self, request: web.Request, body: Any) -> Speech:
        if request.headers.get("Authorization") != f"Token {KEY}":
            raise Reject(401, {"err_code": "INVALID_AUTH", "err_msg": "Invalid credentials."})
        expect_json(body, (400, self.error(400)))
        text = body.get("text")
        if set(body) != {"text"} or not isinstance(text, str) or not text:
            raise Reject(400, {"err_code": "PAYLOAD_ERROR", "err_msg": "text alone is taken"})
        if len(text) > MOST_CHARACTERS:
            raise Reject(413, {"err_code": "PAYLOAD_ERROR", "err_msg": "Input text exceeds maximum character limit"})
        query = dict(request.query)
        voice = re.fullmatch(r"aura-2-[a-z]+-(en|es)", query.pop("model", ""))
        if voice is None or query != {"encoding": "linear16", "container": "wav"}:
            raise Reject(400, {"err_code": "INVALID_QUERY_PARAMETER", "err_msg": "Failed to deserialize query"})
        headers = {"dg-char-count": str(len(text)), "dg-model-name": voice[0]}
        return Speech(await self.spoken(text, "wav", 24_000, language=voice[1]), "audio/wav", headers, text)


if __name__ == "__main__":
    main(Deepgram)
