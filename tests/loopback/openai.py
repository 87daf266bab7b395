"""A loopback OpenAI: ``/v1/audio/speech``.

Shapes after the package openai 3.54 (``types/audio/speech_create_params.py``): errors are ``{"error":
{"message", "type", "param", "code"}}``, unknown parameters are refused, an empty account is 429.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from aiohttp import web
from loopback.audio import MEDIA_TYPES
from loopback.server import KEY, Reject, Speech, Vendor, main

MODELS = {"tts-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15"}
VOICES = {
    *("alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse", "marin", "cedar")
}
FIELDS = {"input", "model", "voice", "instructions", "response_format", "speed", "stream_format"}
RATES = {"mp3": 24_000, "opus": 48_000, "aac": 24_000, "flac": 24_000, "wav": 24_000, "pcm": 24_000}
SCRIPTED = {
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    403: ("invalid_request_error", "missing_scope", "You have insufficient permissions for this operation."),
    404: ("invalid_request_error", "model_not_found", "The model does not exist or you do not have access to it."),
    429: ("requests", "rate_limit_exceeded", "Rate limit reached for requests per min."),
}


def error(kind: str, code: str | None, message: str, param: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def invalid(param: str, code: str | None, message: str) -> Reject:
    return Reject(400, error("invalid_request_error", code, message, param))


class OpenAI(Vendor):
    """Answers in the format asked; WAV and PCM are 16-bit mono at 24 kHz."""

    name = "openai"
    prefix = "/v1"
    paths = ("/audio/speech",)

    def error(self, status: int) -> Any:
        return error(*SCRIPTED.get(status, ("server_error", None, "The server had an error.")))

    async def speech(self, request: web.Request, body: Any) -> Speech:
        given = request.headers.get("Authorization", "")
        if not given.startswith("Bearer "):
            raise Reject(401, error("invalid_request_error", None, "You didn't provide an API key."))
        if given != f"Bearer {KEY}":
            said = f"Incorrect API key provided: {given.removeprefix('Bearer ')}."
            raise Reject(401, error("invalid_request_error", "invalid_api_key", said))
        if not isinstance(body, dict):
            raise invalid("body", None, "We could not parse the JSON body of your request.")
        if unknown := sorted(body.keys() - FIELDS):
            raise invalid(unknown[0], "unknown_parameter", f"Unknown parameter: '{unknown[0]}'.")
        for field in ("model", "input", "voice"):
            if not body.get(field):
                raise invalid(field, "missing_required_parameter", f"Missing required parameter: '{field}'.")
        self._values_valid(body)
        codec = body.get("response_format", "mp3")
        headers = {"x-request-id": "req_loopback", "openai-processing-ms": "12"}
        return Speech(await self.spoken(body["input"], codec, RATES[codec]), MEDIA_TYPES[codec], headers, body["input"])

    def _values_valid(self, body: dict[str, Any]) -> None:
        if body["model"] not in MODELS:
            said = f"The model `{body['model']}` does not exist or you do not have access to it."
            raise Reject(404, error("invalid_request_error", "model_not_found", said, "model"))
        if len(body["input"]) > 4096:
            raise invalid("input", "string_above_max_length", "Invalid 'input': string too long, maximum 4096.")
        voice = body["voice"]
        if not (voice.get("id", "").startswith("voice_") if isinstance(voice, dict) else voice in VOICES):
            raise invalid("voice", "invalid_value", f"Invalid value: {voice!r}.")
        if body.get("response_format", "mp3") not in RATES:
            raise invalid("response_format", "invalid_value", "Invalid value for 'response_format'.")
        if not 0.25 <= body.get("speed", 1) <= 4:
            raise invalid("speed", "decimal_above_max_value", "Invalid 'speed': expected 0.25 to 4.0.")
        if body["model"].startswith("tts-1") and "instructions" in body:
            raise invalid("instructions", "unsupported_parameter", "'instructions' does not work with this model.")


if __name__ == "__main__":
    main(OpenAI)
