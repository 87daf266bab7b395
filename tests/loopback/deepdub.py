"""A loopback Deepdub: streamed text to speech.

Shapes after the vendor's OpenAPI document (docs.deepdub.ai): errors are ``{"success": false, "message"}``, save that
422 is none of its own. Unlike the vendor, who takes any field, it refuses those that no document of the vendor names.
"""

from __future__ import annotations

import base64
import binascii
import sys
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from aiohttp import web
from loopback.audio import MEDIA_TYPES
from loopback.server import KEY, Reject, Speech, Vendor, main

MODELS = {"dd-etts-1.1", "dd-etts-2.5", "dd-etts-3.0", "dd-etts-3.2"}
VOICES = {"bd1b00bb-be1c-4679-8eaa-0fcbfd4ff773", "50a537cf-1ec8-4714-b07e-c589ab76be4b"}
LOCALES = {
    *("ar-LB", "ar-QA", "ar-SA", "ar-SY", "cs-CZ", "da-DK", "nl-NL", "en-GB", "en-AU", "en-US", "et-EE", "fi-FI"),
    *("fr-FR", "de-DE", "el-GR", "he-IL", "hi-IN", "hu-HU", "id-ID", "it-IT", "ja-JP", "ko-KR", "mk-MK", "nb-NO"),
    *("pl-PL", "pt-BR", "ro-RO", "ru-RU", "es-419", "es-MX", "es-ES", "sv-SE", "ta-IN", "th-TH", "tr-TR"),
}
RATES = {8_000, 16_000, 22_050, 24_000, 32_000, 36_000, 44_100, 48_000}
RANGES = {"temperature": (0, 1), "variance": (0, 1), "tempo": (0.5, 2)}
FIELDS = {"model", "targetText", "locale", "voicePromptId", "voiceReference", "format", "sampleRate", "seed",
          "promptBoost", "generationId", "targetDuration", "accentControl", *RANGES}  # fmt: skip
SCRIPTED = {
    401: "Unauthorized: invalid or missing API key",
    402: "InsufficientCredits: your account has no remaining credits",
    404: "Model not found",
    429: "RateLimit: concurrent request limit exceeded",
    500: "Internal server error",
}


def problem(status: int, message: str) -> Reject:
    return Reject(status, {"success": False, "message": message})


class Deepdub(Vendor):
    """Answers MP3 or Ogg Opus; tells no bill."""

    name = "deepdub"
    prefix = "/api/v1"
    paths = ("/tts",)

    def error(self, status: int) -> Any:
        return problem(status, SCRIPTED.get(status, f"scripted {status}")).body

    async def speech(self, request: web.Request, body: Any) -> Speech:
        given = request.headers.get("x-api-key")
        if given != KEY:
            raise problem(401, f"Unauthorized: invalid or missing API key {given or ''}")
        if not isinstance(body, dict):
            raise problem(400, "Invalid request: the body is not JSON")
        for field in ("model", "targetText", "locale"):
            if not isinstance(body.get(field), str) or not body[field]:
                raise problem(400, f"Invalid request: missing required field '{field}'")
        if unknown := set(body) - FIELDS:
            raise problem(400, f"Invalid request: unknown field '{min(unknown)}'")
        if body["model"] not in MODELS:
            raise problem(404, "Model not found")
        if body["locale"] not in LOCALES:
            raise problem(400, "Invalid request: unsupported locale")
        self._voice_valid(body)
        self._wishes_valid(body)
        codec = body.get("format", "mp3")
        rate = 48_000 if codec == "opus" else body.get("sampleRate", 44_100)
        audio = await self.spoken(body["targetText"], codec, rate, language=body["locale"][:2])
        return Speech(audio, MEDIA_TYPES[codec], {}, body["targetText"])

    def _voice_valid(self, body: dict[str, Any]) -> None:
        if "voiceReference" in body:
            try:
                sound = base64.b64decode(body["voiceReference"], validate=True)
            except (binascii.Error, TypeError):
                raise problem(400, "Invalid request: voiceReference is not base64") from None
            if sound[:4] != b"RIFF":
                raise problem(400, "Invalid request: voiceReference is not audio")
        elif "voicePromptId" not in body:
            raise problem(400, "Invalid request: missing required field 'voicePromptId'")
        elif body["voicePromptId"] not in VOICES:
            raise problem(404, "Voice prompt not found")

    def _wishes_valid(self, body: dict[str, Any]) -> None:
        for field, (low, high) in RANGES.items():
            if not low <= body.get(field, low) <= high:
                raise problem(400, f"Invalid request: {field} must lie in {low} to {high}")
        if body.get("sampleRate", 8_000) not in RATES:
            raise problem(400, "Invalid request: unsupported sampleRate")
        if body.get("format", "mp3") not in ("mp3", "opus"):
            raise problem(400, "Invalid request: unsupported format")


if __name__ == "__main__":
    main(Deepdub)
