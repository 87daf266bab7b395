"""A loopback Typecast: streamed text to speech.

Shapes after the types of the package typecast-python 0.5.2 (fields of ``output`` outside the list are
refused) and the vendor's own fixtures: errors are ``{"error": {"code", "message", "field"}}``.
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

LANGUAGES = {
    *("ara", "bul", "ces", "dan", "deu", "ell", "eng", "spa", "fin", "fra", "hrv", "ind", "ita", "jpn", "kor", "msa"),
    *("nld", "pol", "por", "ron", "rus", "slk", "swe", "tam", "tgl", "ukr", "zho"),
}
MORE_LANGUAGES = {"ben", "hin", "hun", "nan", "nor", "pan", "tha", "tur", "vie", "yue"}
EMOTIONS = {"normal", "happy", "sad", "angry"}
MODELS = {
    "ssfm-v21": (LANGUAGES, EMOTIONS),
    "ssfm-v30": (LANGUAGES | MORE_LANGUAGES, EMOTIONS | {"whisper", "toneup", "tonedown"}),
}
VOICES = {"tc_672c5f5ce59fac2a48faeaee", "tc_62a8975e695ad26f7fb514d1"}
OUTPUT = {
    "remove_silence_ms": (0, 1000),
    "audio_pitch": (-12, 12),
    "audio_tempo": (0.5, 2),
    "target_lufs": (-70, 0),
    "audio_format": None,
}
SCRIPTED = {
    401: ("unauthorized", "Invalid or missing API key"),
    402: ("payment_required", "Insufficient credits"),
    403: ("forbidden", "This account is dormant"),
    404: ("not_found", "Model not found"),
    422: ("validation_error", "scripted"),
    429: ("rate_limit_exceeded", "Concurrent request limit exceeded"),
}


def error(code: str, message: str, field: str | None = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message} | ({"field": field} if field else {})}


def invalid(field: str, message: str) -> Reject:
    return Reject(422, error("validation_error", message, field))


class Typecast(Vendor):
    """Answers WAV with open sizes, or MP3."""

    name = "typecast"
    paths = ("/v1/text-to-speech/stream",)

    def error(self, status: int) -> Any:
        return error(*SCRIPTED.get(status, ("internal_error", "Internal server error")))

    async def speech(self, request: web.Request, body: Any) -> Speech:
        given = request.headers.get("X-API-KEY")
        if given != KEY:
            raise Reject(401, error("unauthorized", f"Invalid or missing API key {given or ''}"))
        if not isinstance(body, dict):
            raise Reject(400, error("bad_request", "the body is not JSON"))
        for field in ("voice_id", "text", "model"):
            if not isinstance(body.get(field), str):
                raise invalid(field, f"{field} is required")
        if body["model"] not in MODELS:
            raise invalid("model", "unknown model")
        languages, emotions = MODELS[body["model"]]
        if "language" in body and body["language"] not in languages:
            raise invalid("language", "unsupported language (ISO 639-3)")
        if not 1 <= len(body["text"]) <= 2000:
            raise invalid("text", "text must have 1 to 2000 characters")
        self._prompt_valid(body.get("prompt") or {}, body["model"], emotions)
        output = self._output_valid(body.get("output") or {})
        if body["voice_id"] not in VOICES:
            raise Reject(404, error("not_found", "Voice not found"))
        codec = "mp3" if output == "mp3" else "open_wav"
        return Speech(await self.spoken(body["text"], codec, 44_100), MEDIA_TYPES[codec], {}, body["text"])

    def _prompt_valid(self, prompt: dict[str, Any], model: str, emotions: set[str]) -> None:
        kind = prompt.get("emotion_type")
        if model == "ssfm-v30" and prompt and kind not in ("preset", "smart"):
            raise invalid("prompt.emotion_type", "emotion_type must be preset or smart")
        if model == "ssfm-v21" and kind is not None:
            raise invalid("prompt.emotion_type", "emotion_type is not a field of ssfm-v21")
        if prompt.get("emotion_preset", "normal") not in emotions:
            raise invalid("prompt.emotion_preset", "unknown emotion preset")
        if not 0 <= prompt.get("emotion_intensity", 1) <= 2:
            raise invalid("prompt.emotion_intensity", "emotion_intensity must lie in 0 to 2")

    def _output_valid(self, output: dict[str, Any]) -> str:
        for field, value in output.items():
            if field not in OUTPUT:
                raise invalid(f"output.{field}", "extra fields are not permitted")
            bounds = OUTPUT[field]
            if bounds and not bounds[0] <= value <= bounds[1]:
                raise invalid(f"output.{field}", f"{field} must lie in {bounds[0]} to {bounds[1]}")
        codec = output.get("audio_format", "wav")
        if codec not in ("wav", "mp3"):
            raise invalid("output.audio_format", "audio_format must be wav or mp3")
        return str(codec)


if __name__ == "__main__":
    main(Typecast)
