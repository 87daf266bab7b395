"""Stability pictures: Stable Image Ultra and Core, Stable Diffusion 3.5.

Contract: ``POST /v2beta/stable-image/generate/{ultra, core, sd3}``, multipart, the picture's bytes back with the
headers ``finish-reason`` and ``seed``; spoken directly, since the vendor's package is dead. A model chooses among
nine aspect ratios and gives a size of its own: the nearest ratio is asked for. A picture that is
given costs a fixed price; whether one that the vendor's filter holds back is billed is not stated.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from filmbench.adapters._asked import nearest, size
from filmbench.adapters._failures import Meaning
from filmbench.adapters._http import HttpError, Withheld, base_url, posted, receive
from filmbench.adapters._pictures import PictureVendor
from filmbench.adapters._vendor import key_needed, present
from filmbench.harness.protocols import Media, Param, Prepared, ProviderSpec, Sink
from filmbench.harness.types import Json, Quote, Request, Usage

URL = "https://api.stability.ai"
RATIOS = ("16:9", "1:1", "21:9", "2:3", "3:2", "4:5", "5:4", "9:16", "9:21")
_MEDIA = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
_BY_NAME: Mapping[str, Meaning] = {
    "content_moderation": "refused",
    "rate_limit_exceeded": "rate",
    "payment_required": "credit",
}
_ONE = Usage({"image": Decimal(1)}, "one picture at a fixed price: the answer carries no bill")


class Stability(PictureVendor):
    """One model; ``path`` is its last step in the address."""

    def __init__(self, spec: ProviderSpec, path: str) -> None:
        super().__init__(spec)
        self._path = path

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """One picture."""
        return Quote(_ONE, _ONE)

    async def prepare(self, request: Request, media: Media) -> Prepared:
        """Check prompt, size, address and key, and build the form."""
        form: dict[str, Json] = {
            "prompt": self.prompt(request),
            "aspect_ratio": nearest(size(request), RATIOS),
            "output_format": self.param(request, "output_format"),
        }
        if self._path == "sd3":
            form |= {"model": self.model, "mode": "text-to-image"}
        form |= present(seed=self.param(request, "seed"), negative_prompt=self.param(request, "negative_prompt"))
        url = base_url(self.spec, request.endpoint)
        await self.client(url)
        return Prepared({"url": url, "form": form})

    async def generate(self, prepared: Prepared, sink: Sink) -> Usage | None:
        """One POST; the picture's bytes come back."""
        import aiohttp

        asked: dict[str, Any] = dict(prepared.payload)
        session, key = await self.client(asked["url"]), self.key()
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in asked["form"].items():
            form.add_field(name, str(value))
        headers = {"Authorization": f"Bearer {key}", "Accept": "image/*"}
        where = f"{asked['url']}/v2beta/stable-image/generate/{self._path}"
        async with posted(session, where, headers, key, data=form) as answer:
            if answer.headers.get("finish-reason", "SUCCESS") != "SUCCESS":
                raise Withheld(f"Stability's filter held the picture back ({answer.headers['finish-reason']})")
            async with sink("image", _MEDIA[asked["form"]["output_format"]]) as writer:
                await receive(writer, answer.content.iter_any())
        return _ONE

    def meaning(self, error: HttpError) -> Meaning | None:
        """By ``name``: moderation is 403 like a key without the right."""
        body = error.detail()
        return _BY_NAME.get(str(body.get("name"))) if isinstance(body, dict) else None


_KEY = key_needed("STABILITY_API_KEY", "https://platform.stability.ai/account/keys")


def _model(name: str, title: str, path: str) -> Stability:
    spec = ProviderSpec(
        id=f"stability/{name}",
        contracts=("background",),
        title=f"Stability {title}",
        revision="1",
        licence="Stability terms of service",
        params={
            "output_format": Param("str", "codec", default="png", choices=tuple(_MEDIA)),
            "seed": Param("int", "0 to 4294967294; 0 is another one each time"),
            "negative_prompt": Param("str", "what must not be seen"),
        },
        requires=(_KEY,),
        concurrency=8,
        max_characters=10_000,
        default_endpoint=URL,
    )
    return Stability(spec, path)


PROVIDERS = (
    _model("stable-image-ultra", "Stable Image Ultra", "ultra"),
    _model("stable-image-core", "Stable Image Core", "core"),
    _model("sd3.5-large", "Stable Diffusion 3.5 Large", "sd3"),
    _model("sd3.5-large-turbo", "Stable Diffusion 3.5 Large Turbo", "sd3"),
    _model("sd3.5-medium", "Stable Diffusion 3.5 Medium", "sd3"),
)
