"""Loopback vendors of pictures: OpenAI (``/images/generations``) and Stability (``/v2beta/stable-image/generate``).

Shapes after the package openai 3.54 and Stability's published API, version 2 beta.
"""

from __future__ import annotations

import base64
import io
import json
from functools import cache
from typing import Any, ClassVar

from aiohttp import web
from loopback.server import KEY, Reject, Speech, Vendor
from PIL import Image

RATIOS = {"16:9", "1:1", "21:9", "2:3", "3:2", "4:5", "5:4", "9:16", "9:21"}
FORMATS = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}


@cache
def picture(width: int, height: int, codec: str) -> bytes:
    """A plain horizon at dusk."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    out = io.BytesIO()
    image.save(out, codec.upper())
    return out.getvalue()


class OpenAIPictures(Vendor):
    """Bills tokens as its answer tells them."""

    name = "openai-images"
    prefix = "/v1"
    paths = ("/images/generations",)
    MODELS = frozenset({"gpt-image-2", *(f"gpt-image-2.{n}-{name}" for n in (5, 6) for name in ("sunburst", "flare"))})
    QUALITIES: ClassVar = {"low": 200, "medium": 440, "high": 1_760, "xhigh": 3_130, "max": 7_030}
    FIELDS = frozenset({"model", "prompt", "size", "quality", "output_format", "n", "moderation", "background"})
    CODES: ClassVar = {
        401: "invalid_api_key",
        402: "billing_not_active",
        404: "model_not_found",
        429: "rate_limit_exceeded",
    }

    def error(self, status: int) -> Any:
        return self._said(self.CODES.get(status), f"scripted {status}")

    @staticmethod
    def _said(code: str | None, message: str, param: str | None = None) -> Any:
        return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}

    def _invalid(self, name: str) -> Reject:
        return Reject(400, self._said("invalid_value", f"Invalid value for {name!r}.", name))

    async def speech(self, request: web.Request, body: Any) -> Speech:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            raise Reject(401, self.error(401))
        if not isinstance(body, dict) or not isinstance(body.get("prompt"), str) or not body["prompt"]:
            raise self._invalid("prompt")
        if unknown := set(body) - self.FIELDS:
            raise Reject(400, self._said("unknown_parameter", f"Unknown parameter: {min(unknown)!r}."))
        if body.get("model") not in self.MODELS:
            raise Reject(404, self.error(404))
        if len(body["prompt"]) > 32_000:
            raise self._invalid("prompt")
        if body.get("quality", "low") not in self.QUALITIES or body.get("output_format", "png") not in FORMATS:
            raise self._invalid("quality")
        if not 1 <= body.get("n", 1) <= 10 or body.get("moderation", "auto") not in ("auto", "low"):
            raise self._invalid("n")
        if "forbidden" in body["prompt"]:
            raise Reject(400, self._said("moderation_blocked", "Your request was rejected by the safety system."))
        width, height = (int(side) for side in body.get("size", "1024x1024").split("x"))
        if width % 16 or height % 16 or max(width, height) > 3840 or not 1 / 3 <= width / height <= 3:
            raise self._invalid("size")
        image = picture(width, height, body.get("output_format", "png"))
        made, asked = self.QUALITIES[body.get("quality", "low")], len(body["prompt"]) // 4
        usage = {"input_tokens": asked, "input_tokens_details": {"image_tokens": 0, "text_tokens": asked},
                 "output_tokens": made, "total_tokens": asked + made}  # fmt: skip
        answer = {"created": 1, "data": [{"b64_json": base64.b64encode(image).decode()}], "usage": usage}
        return Speech(json.dumps(answer).encode(), "application/json", {}, body["prompt"])


class Stability(Vendor):
    """Answers with the picture itself; its filter holds a picture back with a header."""

    name = "stability"
    paths = tuple(f"/v2beta/stable-image/generate/{path}" for path in ("ultra", "core", "sd3"))
    FIELDS = frozenset({"prompt", "negative_prompt", "aspect_ratio", "seed", "output_format"})
    NAMES: ClassVar = {401: "unauthorized", 402: "payment_required", 403: "forbidden", 429: "rate_limit_exceeded"}

    def error(self, status: int) -> Any:
        return {"id": "a1", "name": self.NAMES.get(status, "bad_request"), "errors": [f"scripted {status}"]}

    def _invalid(self, words: str) -> Reject:
        return Reject(400, {"id": "a1", "name": "bad_request", "errors": [words]})

    async def speech(self, request: web.Request, body: Any) -> Speech:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            raise Reject(401, self.error(401))
        if request.content_type != "multipart/form-data":
            raise self._invalid("content-type: must be multipart/form-data")
        if request.headers.get("Accept") not in ("image/*", "application/json"):
            raise self._invalid("accept: must be image/* or application/json")
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.requests[-1]["body"] = form
        sd3 = request.path.endswith("/sd3")
        if unknown := set(form) - self.FIELDS - ({"model", "mode"} if sd3 else set()):
            raise self._invalid(f"{min(unknown)}: unknown")
        if not 1 <= len(form.get("prompt", "")) <= 10_000:
            raise self._invalid("prompt: must have 1 to 10000 characters")
        if sd3 and form.get("model", "sd3.5-large") not in ("sd3.5-large", "sd3.5-large-turbo", "sd3.5-medium"):
            raise Reject(404, {"id": "a1", "name": "not_found", "errors": ["no such model"]})
        if form.get("aspect_ratio", "1:1") not in RATIOS or form.get("output_format", "png") not in FORMATS:
            raise self._invalid("aspect_ratio: unknown")
        if not 0 <= int(form.get("seed", "0")) <= 4_294_967_294:
            raise self._invalid("seed: out of range")
        if "forbidden" in form["prompt"]:
            raise Reject(403, {"id": "a1", "name": "content_moderation", "errors": ["Your request was flagged."]})
        width, height = (int(side) for side in form.get("aspect_ratio", "1:1").split(":"))
        codec = form.get("output_format", "png")
        reason = "CONTENT_FILTERED" if "filtered" in form["prompt"] else "SUCCESS"
        image = picture(32 * width, 32 * height, codec)
        return Speech(image, FORMATS[codec], {"finish-reason": reason, "seed": "7"}, form["prompt"])
