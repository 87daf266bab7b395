"""Google: film with sound from words or a first frame (Gemini Omni), and what its models have in common.

Contract: the Interactions API (``POST``, ``GET``, ``DELETE /v1/interactions``, ``GET /v1/files/{id}:download``), as
the package ``google-genai`` 3.4 sends it; spoken directly, since the package sends a failed paid POST four times more
unless told not to and asks for an older ``tenacity`` than the engine stands on (3.4.0: below 9.2). An interaction
runs in the background and is asked after every five seconds, as in the vendor's guide. A finished one holds its film
itself, or the name of a file that only the key opens and that vanishes after two days. The bill is the answer's own
count of tokens. How many a second of film takes is known for 720p (5,792, by resellers that repeat the vendor's
page); the other sizes cost a third, one and a half and three times as much.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from filmbench.adapters._asked import nearest, size, whole_seconds
from filmbench.adapters._failures import Meaning
from filmbench.adapters._http import CutStream, HttpError
from filmbench.adapters._jobs import JobVendor
from filmbench.adapters._vendor import key_needed
from filmbench.harness.protocols import Job, Media, Param, Progress, ProviderSpec, Refusal
from filmbench.harness.types import Json, Outcome, Quote, Request, Usage

URL = "https://generativelanguage.googleapis.com"
PATH = "/v1/interactions"
KEY = key_needed("GEMINI_API_KEY", "https://aistudio.google.com/apikey")
PATIENCE = 30 * 60.0
MOST_IMAGE_BYTES = 14 * 10**6  # 20 MB a request, of which base64 takes a third
_IMAGES = ("image/png", "image/jpeg", "image/webp")
_RATIOS = ("16:9", "9:16")
_SECONDS = range(3, 11)
_TOKENS_A_SECOND = {"360p": 1_931, "720p": 5_792, "1080p": 8_688, "4k": 17_376}
_LONGEST_SHORT_SIDE = {"360p": 360, "720p": 720, "1080p": 1_080, "4k": 2_160}
_TOKENS_AN_IMAGE = 2_040
_FILE = re.compile(r"/files/([\w-]+)(:download)?(\?.*)?$")
_FILE_WAIT = 5.0
_UNSAFE = re.compile(
    r"\b(IMAGE_)?(SAFETY|PROHIBITED_CONTENT|BLOCKLIST|SPII)\b|\bblocked\b[^.]*\b(safety|polic)", re.IGNORECASE
)
_STATES = {
    "queued": "queued",
    "in_progress": "running",
    "completed": "done",
    "failed": "failed",
    "cancelled": "cancelled",
    "incomplete": "failed",
    "budget_exceeded": "failed",
    "requires_action": "failed",
    "requires_continuation": "failed",
}


class Omni(JobVendor):
    """One model of film, as an interaction in the background."""

    paces = ((0.0, 5.0), (120.0, 10.0))

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """Tokens of the words (none is shorter than a byte), of the frame and of the seconds asked for."""
        words = len(str(request.sample.inputs.get("prompt", "")).encode())
        film = whole_seconds(request, _SECONDS) * _TOKENS_A_SECOND[self._resolution(request)]
        frame = _TOKENS_AN_IMAGE if "image" in request.sample.inputs else 0
        return Quote(
            Usage(_tokens(text_input=-(-words // 4), image_input=frame, video_output=film), "seconds asked for"),
            Usage(
                _tokens(text_input=words + 100, image_input=2 * frame, video_output=film * 5 // 4, text_output=8_000),
                "a quarter above the seconds asked for, with room for thoughts",
            ),
        )

    def headers(self, key: str) -> dict[str, str]:
        """The key."""
        return {"x-goog-api-key": key}

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """What will be asked; a first frame is read when it is sent."""
        words = str(request.sample.inputs.get("prompt", "")).strip()
        if not words:
            raise Refusal("the prompt is empty", Outcome.INVALID)
        if "video" in request.sample.inputs:
            raise Refusal(f"{self.spec.id} does not go on from a clip here")
        seed = self.param(request, "seed")
        config: dict[str, Json] = {"video_config": {"task": "text_to_video"}}
        asked: dict[str, Json] = {
            "model": self.model,
            "input": words,
            "background": True,
            "response_format": {
                "type": "video",
                "delivery": "uri",
                "aspect_ratio": nearest(size(request), _RATIOS),
                "resolution": self._resolution(request),
                "duration": f"{whole_seconds(request, _SECONDS)}s",
            },
        }
        if "image" in request.sample.inputs:
            frame = self.input(request, "image", _IMAGES, MOST_IMAGE_BYTES)
            asked |= {"input": f"<FIRST_FRAME> {words}", "frame": [str(media.path(frame)), frame.media_type]}
            config["video_config"] = {"task": "image_to_video"}
        return asked | {"generation_config": config if seed is None else {**config, "seed": seed}}, ()

    def _resolution(self, request: Request) -> str:
        """The smallest on offer that holds the sample's size, else the largest, unless the arm says which."""
        asked: str | None = self.param(request, "resolution")
        short = min(size(request))
        return asked or next((name for name, side in _LONGEST_SHORT_SIDE.items() if short <= side), "4k")

    def submission(self, body: Mapping[str, Any]) -> str:
        """The path of the paid POST."""
        return PATH

    async def content(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body, with the first frame in it."""
        asked = dict(body)
        if frame := asked.pop("frame", None):
            content = await asyncio.to_thread(Path(frame[0]).read_bytes)
            image = {"type": "image", "mime_type": frame[1], "data": base64.b64encode(content).decode()}
            asked["input"] = [{"type": "user_input", "content": [image, {"type": "text", "text": asked["input"]}]}]
        return {"json": asked}

    def job_id(self, answer: Any) -> str | None:
        """The interaction's id."""
        return str(answer.get("id") or "") or None if isinstance(answer, dict) else None

    def status_path(self, job: Job) -> str:
        """Where an interaction is asked after."""
        return f"{PATH}/{job.ids[0]}"

    def progress(self, answer: Any) -> Progress:
        """One that is completed with words and no film was refused; nothing but its words says so."""
        job = answer if isinstance(answer, dict) else {}
        state, said = _STATES.get(job.get("status", ""), "running"), _said(job)
        used = bill(job) if state not in ("queued", "running") else None
        if state == "failed" and _UNSAFE.search(said):
            state = "refused"
        if state == "done" and found(job, "video") is None:
            filmed = used is not None and used.quantities.get("video_output_token")
            state, said = (
                ("failed", "a film was billed and none came") if filmed else ("refused", said or "no film came")
            )
        return Progress(state, reason=said or None, used=used)  # type: ignore[arg-type]

    def forgotten(self, error: HttpError) -> bool:
        """An id that is no longer known is 400."""
        return super().forgotten(error) or (error.status == 400 and "Invalid interaction name" in error.body)

    async def finished(self, job: Job) -> Any:
        """The interaction, once the file of its film is whole."""
        answer = await super().finished(job)
        film = found(answer, "video") or {}
        if name := _FILE.search(film.get("uri", "")):
            while (file := await self._file(job, name[1])).get("state") == "PROCESSING":
                await asyncio.sleep(_FILE_WAIT)
            if file.get("state") == "FAILED":
                raise CutStream(0, "a film whose file Google could not make")
        return answer

    async def _file(self, job: Job, name: str) -> dict[str, Any]:
        answer, _ = await self.ask(str(job.state["url"]), "GET", f"/v1/files/{name}")
        return dict(answer)

    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """The film: inside the answer, or in a file."""
        film = found(answer, "video")
        if film is None:
            raise CutStream(0, "a finished interaction without a film")
        address = film.get("uri") or f"data:video/mp4;base64,{film['data']}"
        return [("video", "video/mp4", address)]

    def door(self, address: str, url: str) -> tuple[str, dict[str, str]]:
        """A file of Google's own opens to the key."""
        name = _FILE.search(address) if address.startswith("https://") else None
        if name is None:
            return address, {}
        return f"{url}/v1/files/{name[1]}:download?alt=media", self.headers(self.key())

    def used(self, answer: Any, job: Job) -> Usage | None:
        """The tokens used."""
        return bill(answer)

    def left_by(self, id: str) -> str | None:
        """The interaction is kept until it is deleted."""
        return f"{PATH}/{id}"

    async def delete(self, name: str, url: str) -> None:
        """Delete an interaction; a resource's name is its path."""
        await self.ask(url, "DELETE", name)

    async def cancel(self, job: Job) -> None:
        """Stop an interaction; one that is over answers 400."""
        await self.stop(job, "POST", f"{self.status_path(job)}/cancel", (400, 404))

    def meaning(self, error: HttpError) -> Meaning | None:
        """See :func:`meaning`."""
        return meaning(error)


def meaning(error: HttpError) -> Meaning | None:
    """A wrong key and a refused prompt are 400 like a bad argument; their words tell."""
    if "API_KEY_INVALID" in error.body or "API key not valid" in error.body:
        return "key"
    return "refused" if error.status == 400 and _UNSAFE.search(error.body) else None


def found(interaction: Any, kind: str) -> dict[str, Any] | None:
    """The last piece of ``kind`` that the model gave, which holds ``data`` or ``uri``."""
    pieces = [
        piece for piece in _pieces(interaction) if piece.get("type") == kind and (piece.get("data") or piece.get("uri"))
    ]
    return pieces[-1] if pieces else None


def words_of(interaction: Any) -> str:
    """What the model said instead of, or beside, what it made."""
    return " ".join(str(piece.get("text", "")) for piece in _pieces(interaction) if piece.get("type") == "text").strip()


def bill(interaction: Any) -> Usage | None:
    """The tokens of an interaction by kind; thoughts cost as much as words. Without a count there is no evidence."""
    usage = interaction.get("usage") if isinstance(interaction, dict) else None
    if not isinstance(usage, dict):
        return None
    counted: dict[str, int] = {}
    for way in ("input", "output"):
        for part in usage.get(f"{way}_tokens_by_modality") or []:
            unit = f"{str(part.get('modality', '')).lower()}_{way}"
            counted[unit] = counted.get(unit, 0) + int(part.get("tokens") or 0)
    counted["text_output"] = counted.get("text_output", 0) + int(usage.get("total_thought_tokens") or 0)
    quantities = _tokens(**counted)
    return Usage(quantities, f"usage of interaction {interaction.get('id', 'without id')}") if quantities else None


def _tokens(**counted: int) -> dict[str, Decimal]:
    return {f"{kind}_token": Decimal(count) for kind, count in counted.items() if count}


def _pieces(interaction: Any) -> list[dict[str, Any]]:
    steps = interaction.get("steps") if isinstance(interaction, dict) else None
    given = [step for step in steps or [] if step.get("type") == "model_output"]
    return [piece for step in given for piece in step.get("content") or []]


def _said(job: Mapping[str, Any]) -> str:
    """What went wrong, by the interaction's errors, those of its steps, or the model's own words."""
    errors = [job.get("error"), *(job.get("errors") or []), *(step.get("error") for step in job.get("steps") or [])]
    told = [f"{one.get('code', '')} {one.get('message', '')}".strip() for one in errors if isinstance(one, dict)]
    return "; ".join(told) or words_of(job)


PROVIDERS = (
    Omni(
        ProviderSpec(
            id="google/gemini-omni-1.1-flash",
            contracts=("video",),
            title="Google Gemini Omni 1.1 Flash",
            revision="1",
            licence="Gemini API terms of service",
            params={
                "resolution": Param(
                    "str", "else the smallest that holds the sample's size", choices=tuple(_TOKENS_A_SECOND)
                ),
                "seed": Param("int", "sampling repeats as far as the model can"),
            },
            requires=(KEY,),
            resumable=True,
            concurrency=2,
            patience=PATIENCE,
            default_endpoint=URL,
        )
    ),
)
