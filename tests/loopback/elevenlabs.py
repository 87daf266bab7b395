"""A loopback ElevenLabs: text to speech (streamed), instant voice cloning, look-up and deletion of voices.

Shapes after the package elevenlabs 2.78 and help.elevenlabs.io article 19572237925521: errors are
``{"detail": {"status", "message"}}``, except 422, which is the validation list of FastAPI.
"""

from __future__ import annotations

import sys
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from aiohttp import web
from loopback.audio import MEDIA_TYPES
from loopback.server import KEY, Reject, Speech, Vendor, main

MODELS = {
    "eleven_v4": (10_000, "1"),
    "eleven_v4_turbo": (10_000, "0.5"),
    "eleven_v3": (5_000, "1"),
    "eleven_multilingual_v2": (10_000, "1"),
    "eleven_flash_v2_5": (40_000, "0.5"),
    "eleven_flash_v2": (30_000, "0.5"),
    "eleven_turbo_v2_5": (40_000, "0.5"),
    "eleven_turbo_v2": (30_000, "0.5"),
}
FORMATS = {
    *("mp3_22050_32", "mp3_24000_48", "mp3_44100_32", "mp3_44100_64", "mp3_44100_96", "mp3_44100_128", "mp3_44100_192"),
    *("pcm_8000", "pcm_16000", "pcm_22050", "pcm_24000", "pcm_32000", "pcm_44100", "pcm_48000"),
}
RANGES = {"stability": (0, 1), "similarity_boost": (0, 1), "style": (0, 1), "speed": (0.7, 1.2)}
PREMADE = {"JBFqnCBsd6RMkjVDRZzb": "George", "21m00Tcm4TlvDq8ikWAM": "Rachel"}
SCRIPTED = {
    401: ("invalid_api_key", "Invalid API key"),
    402: ("quota_exceeded", "This request exceeds your quota: 0 credits remain."),
    403: ("missing_permissions", "The API key is missing the permission text_to_speech."),
    404: ("model_not_found", "A model with that ID was not found."),
    429: ("too_many_concurrent_requests", "Too many concurrent requests."),
    503: ("system_busy", "The system is experiencing heavy traffic, try again."),
}


def detail(status: str, message: str) -> dict[str, Any]:
    return {"detail": {"status": status, "message": message}}


def invalid(*where: str, message: str, kind: str = "value_error") -> Reject:
    return Reject(422, {"detail": [{"loc": list(where), "msg": message, "type": kind}]})


def authorised(request: web.Request) -> None:
    """Raise the vendor's own 401 where the key is missing or wrong."""
    given = request.headers.get("xi-api-key")
    if given is None:
        raise Reject(401, detail("needs_authorization", "Neither authorization header nor xi-api-key received."))
    if given != KEY:
        raise Reject(401, detail("invalid_api_key", f"Invalid API key {given}"))


def error(status: int) -> Any:
    """The vendor's own body for an error that was scripted."""
    if status == 422:
        return invalid("body", "text", message="scripted").body
    return detail(*SCRIPTED.get(status, ("internal_server_error", "An error occurred.")))


class ElevenLabs(Vendor):
    """Counts credits as the header tells them: half a credit a character on the fast models."""

    name = "elevenlabs"
    paths = ("/v1/text-to-speech/{voice}/stream",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.voices = dict(PREMADE)
        self.uploads: list[dict[str, Any]] = []
        self.wants_verification = False

    def error(self, status: int) -> Any:
        return error(status)

    async def speech(self, request: web.Request, body: Any) -> Speech:
        authorised(request)
        if not isinstance(body, dict):
            raise invalid("body", message="Input should be a valid dictionary", kind="model_attributes_type")
        text, model = body.get("text"), body.get("model_id", "eleven_multilingual_v2")
        if not isinstance(text, str):
            raise invalid("body", "text", message="Field required", kind="missing")
        layout = request.query.get("output_format", "mp3_44100_128")
        if layout not in FORMATS:
            raise invalid("query", "output_format", message="Input should be a known format", kind="enum")
        self._settings_valid(body)
        if request.match_info["voice"] not in self.voices:
            raise Reject(404, detail("voice_not_found", "A voice for the voice_id was not found."))
        if model not in MODELS:
            raise Reject(404, detail("model_not_found", f"A model with ID {model} was not found."))
        self._length_valid(text, MODELS[model][0])
        codec, rate, *bits = layout.split("_")
        language = str(body.get("language_code") or "en")
        return Speech(
            await self.spoken(text, codec, int(rate), int(bits[0]) * 1000 if bits else 0, language),
            MEDIA_TYPES[codec],
            {
                "character-cost": str(Decimal(MODELS[model][1]) * len(text)),
                "request-id": uuid.uuid4().hex[:20],
                "current-concurrent-requests": "1",
                "maximum-concurrent-requests": "3",
            },
            text,
        )

    def _settings_valid(self, body: dict[str, Any]) -> None:
        for name, value in (body.get("voice_settings") or {}).items():
            low, high = RANGES.get(name, (value, value))
            if not isinstance(value, (int, float)) or not low <= value <= high:
                raise invalid("body", "voice_settings", name, message=f"Input should lie in {low} to {high}")
        seed = body.get("seed")
        if seed is not None and not (isinstance(seed, int) and 0 <= seed <= 4294967295):
            raise invalid("body", "seed", message="Input should lie in 0 to 4294967295")

    def _length_valid(self, text: str, limit: int) -> None:
        if not text.strip():
            raise Reject(400, detail("input_text_empty", "Input text is empty."))
        if len(text) > limit:
            words = f"This request's text has {len(text)} characters and exceeds the character limit of {limit}."
            raise Reject(400, detail("max_character_limit_exceeded", words))

    # --- voices ---

    def more(self, app: web.Application) -> None:
        app.router.add_post("/v1/voices/add", self._add)
        app.router.add_get("/v2/voices", self._search)
        app.router.add_delete("/v1/voices/{voice}", self._delete)

    async def _add(self, request: web.Request) -> web.Response:
        self.counts.other["voices_added"] += 1
        authorised(request)
        if not request.content_type.startswith("multipart/"):
            raise invalid("body", message="Expected multipart form data")
        form = await request.post()
        files = [part for part in form.getall("files", []) if isinstance(part, web.FileField)]
        if not form.get("name"):
            raise invalid("body", "name", message="Field required", kind="missing")
        if not files:
            raise invalid("body", "files", message="Field required", kind="missing")
        voice = uuid.uuid4().hex[:20]
        self.voices[voice] = str(form["name"])
        self.uploads.append({"name": form["name"], "bytes": len(files[0].file.read()), "type": files[0].content_type})
        return web.json_response({"voice_id": voice, "requires_verification": self.wants_verification})

    async def _search(self, request: web.Request) -> web.Response:
        self.counts.other["voices_searched"] += 1
        authorised(request)
        wanted = request.query.get("search", "").lower()
        found = [
            {"voice_id": voice, "name": name, "category": "premade" if voice in PREMADE else "cloned"}
            for voice, name in self.voices.items()
            if wanted in name.lower()
        ]
        return web.json_response(
            {"voices": found, "has_more": False, "total_count": len(found), "next_page_token": None}
        )

    async def _delete(self, request: web.Request) -> web.Response:
        self.counts.other["voices_deleted"] += 1
        authorised(request)
        if self.voices.pop(request.match_info["voice"], None) is None:
            raise Reject(400, detail("voice_does_not_exist", "A voice with that ID does not exist."))
        return web.json_response({"status": "ok"})


if __name__ == "__main__":
    main(ElevenLabs)
