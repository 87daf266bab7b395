"""A loopback Cartesia: ``/tts/bytes``.

Shapes after the package cartesia 4.2 (``types/tts_generate_params.py``) and docs.cartesia.ai, API errors:
``{"error_code", "title", "message", "request_id"}`` since version 2026-03-01, which must be given.
"""

from __future__ import annotations

import re
import sys
import uuid
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from aiohttp import web
from loopback.audio import MEDIA_TYPES
from loopback.server import KEY, Reject, Speech, Vendor, main

MODELS = {"sonic-3.5", "sonic-3", "sonic-3.5-2026-05-04", "sonic-3-2026-01-12", "sonic-3-2025-10-27", "sonic-latest"}
VOICES = {"6ccbfb76-1fc6-48f7-b71d-91ac6298247b"}
RATES = {8_000, 16_000, 22_050, 24_000, 44_100, 48_000}
LANGUAGES = (
    "ar bg bn cs da de el en es fi fr gu he hi hr hu id it ja ka kn ko ml mr ms nl no or pa pl pt ro ru sk sv ta te "
    "th tl tr uk ur vi zh"
)
CONFIG = {"speed": (0.6, 1.5), "volume": (0.5, 2.0)}
SCRIPTED = {
    401: (None, "Unauthorized", "Invalid API key"),
    402: ("quota_exceeded", "Credit limit reached", "Your credits are used up."),
    404: ("model_not_found", "Model not found", "The model is not available."),
    429: ("concurrency_limited", "Too many concurrent requests", "You have exceeded your plan's concurrency limit."),
}


def error(code: str | None, title: str, message: str) -> dict[str, Any]:
    return {"error_code": code, "title": title, "message": message, "request_id": str(uuid.uuid4())}


def invalid(message: str) -> Reject:
    return Reject(400, error(None, "Invalid request", message))


class Cartesia(Vendor):
    """Answers raw PCM, WAV with open sizes, or MP3."""

    name = "cartesia"
    paths = ("/tts/bytes",)

    def error(self, status: int) -> Any:
        return error(*SCRIPTED.get(status, (None, "Internal error", "Something went wrong.")))

    async def speech(self, request: web.Request, body: Any) -> Speech:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if given != KEY:
            raise Reject(401, error(None, "Unauthorized", f"Invalid API key {given}"))
        version = request.headers.get("Cartesia-Version", "")
        if not re.fullmatch(r"20\d\d-\d\d-\d\d", version):
            raise invalid("Cartesia-Version header is required")
        if not isinstance(body, dict):
            raise invalid("the body is not JSON")
        text, voice, output = body.get("transcript"), body.get("voice"), body.get("output_format")
        if not isinstance(text, str) or not text.strip():
            raise invalid("transcript must not be empty")
        if body.get("model_id") not in MODELS:
            raise Reject(404, error("model_not_found", "Model not found", f"no model {body.get('model_id')}"))
        self._options_valid(body)
        rate = self._format_valid(output)
        if (voice.get("id") if isinstance(voice, dict) else voice) not in VOICES:
            raise Reject(404, error("voice_not_found", "Voice not found", "The voice does not exist."))
        codec = {"raw": "pcm", "wav": "open_wav", "mp3": "mp3"}[output["container"]]
        audio = await self.spoken(text, codec, rate, output.get("bit_rate", 128_000))
        return Speech(audio, MEDIA_TYPES[codec], {}, text)

    def _options_valid(self, body: dict[str, Any]) -> None:
        if "language" in body and "locale" in body:
            raise invalid("set language or locale, not both")
        if body.get("language", "en") not in LANGUAGES.split():
            raise invalid("unsupported language")
        for name, (low, high) in CONFIG.items():
            if not low <= body.get("generation_config", {}).get(name, 1) <= high:
                raise invalid(f"generation_config.{name} must lie in {low} to {high}")

    def _format_valid(self, output: Any) -> int:
        if not isinstance(output, dict) or output.get("container") not in ("raw", "wav", "mp3"):
            raise invalid("output_format.container must be raw, wav or mp3")
        if output.get("sample_rate") not in RATES:
            raise invalid("output_format.sample_rate is not one of those offered")
        if output["container"] != "mp3" and output.get("encoding") != "pcm_s16le":
            raise invalid("this loopback speaks pcm_s16le only")
        return int(output["sample_rate"])


if __name__ == "__main__":
    main(Cartesia)
