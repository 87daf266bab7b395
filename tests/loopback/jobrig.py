"""For tests of the vendors that work by job: cases, requests with real media, one job followed as the engine does."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from filmbench.adapters import (
    adobe,
    adobe_firefly,
    deepdub_dubbing,
    elevenlabs_dubbing,
    fal,
    google,
    heygen,
    luma,
    move,
    replicate,
    runway,
    runway_tools,
    sync,
)
from filmbench.harness.protocols import Job
from filmbench.harness.types import Arm, Artifact, Request, Sample
from loopback import adobe as loopback_adobe
from loopback import deepdub_dubbing as loopback_deepdub_dubbing
from loopback import elevenlabs_dubbing as loopback_elevenlabs_dubbing
from loopback import fal as loopback_fal
from loopback import google as loopback_google
from loopback import heygen as loopback_heygen
from loopback import luma as loopback_luma
from loopback import move as loopback_move
from loopback import replicate as loopback_replicate
from loopback import runway as loopback_runway
from loopback import sync as loopback_sync
from loopback.audio import speak, tone
from loopback.jobs import JobVendor, film
from loopback.move import walking
from loopback.pictures import picture
from loopback.rig import Files, Received, Sink
from loopback.server import KEY, running

CONTENT: dict[str, tuple[Callable[..., bytes], str, float | None]] = {
    "film.mp4": (film, "video/mp4", 1.0),
    "frame.png": (lambda: picture(64, 36, "png"), "image/png", None),
    "walk.mp4": (walking, "video/mp4", 2.0),
    "voice.wav": (lambda: speak("Keep the light on.", "wav", 16_000), "audio/wav", 0.9),
    "tone.wav": (tone, "audio/wav", 1.0),
}
CHANGING: dict[str, Callable[[int], bytes]] = {
    "walk.mp4": walking,
    "voice.wav": lambda number: speak(f"Keep light {number} on.", "wav", 16_000),
    "tone.wav": tone,
}
"""Media that differ from sample to sample of a dataset: nothing else tells those samples apart."""
INPUTS: dict[str, dict[str, str]] = {
    "dubbing": {"source": "@film.mp4", "source_language": "en"},
    "lipsync": {"video": "@film.mp4", "speech": "@voice.wav"},
    "video": {
        "prompt": "Fog rolls over a harbour.",
        "seconds": "2",
        "size": "1280x720",
        "fps": "24",
        "image": "@frame.png",
    },
    "editing/prompt": {"video": "@film.mp4", "instruction": "Make it night."},
    "mocap": {"video": "@walk.mp4"},
    "editing/denoise-sound": {"sound": "@voice.wav"},
    "background": {"prompt": "A harbour at dusk.", "size": "1280x720"},
    "editing/cut": {"source": "@tone.wav", "script": "Keep the light on.", "keep": "Keep the light."},
}


@dataclass(frozen=True)
class JobCase:
    """One model of one vendor: its contract, its loopback server, the variable of its key.

    ``unpriced`` is the unit of its bill where the book knows no price of it; ``params`` are an arm's, ``settings`` what
    else stands in the environment, with ``{url}`` for the server's address. ``behind_door``: only the key opens what it
    made. ``instead``: inputs other than the contract's usual ones. ``derived``: the roles that the adapter makes of
    what came in ``role``.
    """

    name: str
    provider_id: str
    providers: tuple[Any, ...]
    server: type[JobVendor]
    key: str
    contract: str
    role: str
    cancels: bool = False
    takes_image: bool = True
    media_type: str = "video/mp4"
    derived: tuple[str, ...] = ()
    moderates: bool = True
    unpriced: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    behind_door: bool = False
    instead: tuple[tuple[str, str], ...] = ()

    def inputs(self) -> dict[str, str]:
        """What a sample for it holds; ``@`` names a medium."""
        usual = {**INPUTS[self.contract], **dict(self.instead)}
        return {role: value for role, value in usual.items() if self.takes_image or role != "image"}

    def provider(self) -> Any:
        return next(one for one in self.providers if one.spec.id == self.provider_id)

    def environment(self, url: str) -> dict[str, str]:
        """Its settings, for a server at ``url``."""
        return {name: value.format(url=url) for name, value in self.settings.items()}


_ELEVENLABS = (elevenlabs_dubbing.PROVIDERS, loopback_elevenlabs_dubbing.ElevenLabsDubbing, "ELEVENLABS_API_KEY")
_DEEPDUB = (deepdub_dubbing.PROVIDERS, loopback_deepdub_dubbing.DeepdubDubbing, "DEEPDUB_DUBBING_API_KEY")
_DUB = (adobe.PROVIDERS, loopback_adobe.Dub, "ADOBE_CLIENT_SECRET")
_FIREFLY = (adobe_firefly.PROVIDERS, loopback_adobe.Firefly, "ADOBE_CLIENT_SECRET")
_FAL = (fal.PROVIDERS, loopback_fal.Fal, "FAL_KEY")
_GOOGLE = (google.PROVIDERS, loopback_google.Gemini, "GEMINI_API_KEY")
_HEYGEN = (heygen.PROVIDERS, loopback_heygen.HeyGen, "HEYGEN_API_KEY")
_LUMA = (luma.PROVIDERS, loopback_luma.Luma, "LUMA_AGENTS_API_KEY")
_MOVE = (move.PROVIDERS, loopback_move.Move, "MOVE_API_KEY")
_REPLICATE = (replicate.PROVIDERS, loopback_replicate.Replicate, "REPLICATE_API_TOKEN")
_RUNWAY = (runway.PROVIDERS, loopback_runway.Runway, "RUNWAYML_API_SECRET")
_TOOLS = (runway_tools.PROVIDERS, loopback_runway.Runway, "RUNWAYML_API_SECRET")
_SYNC = (sync.PROVIDERS, loopback_sync.Sync, "SYNC_API_KEY")
JOBS = (
    JobCase(
        *("elevenlabs-dubbing", "elevenlabs/dubbing_v2", *_ELEVENLABS, "dubbing", "dubbed"),
        media_type="audio/flac",
        unpriced="minute",
    ),
    JobCase(
        *("deepdub-dubbing", "deepdub/dubbing-automated", *_DEEPDUB, "dubbing", "dubbed"),
        cancels=True,
        unpriced="minute",
        params={"bucket": loopback_deepdub_dubbing.BUCKET},
        settings={
            "AWS_ENDPOINT_URL_S3": "{url}",
            "AWS_ACCESS_KEY_ID": loopback_deepdub_dubbing.CUSTOMER,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "AWS_DEFAULT_REGION": "eu-central-1",
        },
    ),
    JobCase("heygen-translation", "heygen/translate-speed", *_HEYGEN, "dubbing", "dubbed"),
    JobCase("heygen-lipsync", "heygen/lipsync-precision", *_HEYGEN, "lipsync", "video"),
    JobCase("runway-generation", "runway/gen4.5", *_RUNWAY, "video", "video", cancels=True),
    JobCase("runway-aleph", "runway/aleph2", *_RUNWAY, "editing/prompt", "video", cancels=True),
    JobCase(
        *("runway-dubbing", "runway/voice_dubbing", *_TOOLS, "dubbing", "dubbed"),
        cancels=True,
        media_type="audio/mpeg",
        instead=(("source", "@voice.wav"),),
    ),
    JobCase(
        *("runway-isolation", "runway/voice_isolation", *_TOOLS, "editing/denoise-sound", "sound"),
        cancels=True,
        media_type="audio/mpeg",
    ),
    JobCase(
        *("runway-picture", "runway/gen4_image", *_TOOLS, "background", "image"), cancels=True, media_type="image/png"
    ),
    JobCase("fal-pika", "fal/pika-v2.2", *_FAL, "video", "video", cancels=True, takes_image=False),
    JobCase(
        *("move-singlecam", "move/s2", *_MOVE, "mocap", "bvh"),
        media_type="model/bvh",
        unpriced="input_second",
        derived=("joints",),
        moderates=False,
    ),
    JobCase(*("fal-kling", "fal/kling-2.5-turbo-pro", *_FAL, "video", "video"), cancels=True, takes_image=False),
    JobCase(*("fal-flux", "fal/flux-dev", *_FAL, "background", "image"), cancels=True, media_type="image/png"),
    JobCase(*("replicate-mochi", "replicate/mochi-1", *_REPLICATE, "video", "video"), cancels=True, takes_image=False),
    JobCase(
        *("replicate-seedance", "replicate/seedance-1-pro", *_REPLICATE, "video", "video"),
        cancels=True,
        unpriced="output_second_720p",
    ),
    JobCase(
        *("replicate-flux", "replicate/flux-1.1-pro", *_REPLICATE, "background", "image"),
        cancels=True,
        media_type="image/png",
    ),
    JobCase(*("luma-ray", "luma/ray-3.2", *_LUMA, "video", "video")),
    JobCase(*("luma-uni", "luma/uni-1", *_LUMA, "background", "image"), media_type="image/png"),
    JobCase("google-omni", "google/gemini-omni-1.1-flash", *_GOOGLE, "video", "video", cancels=True, behind_door=True),
    JobCase("adobe-dub", "adobe/dub-lipsync", *_DUB, "dubbing", "dubbed", unpriced="minute"),
    JobCase(
        *("adobe-transcribe", "adobe/transcribe", adobe.PROVIDERS, loopback_adobe.Transcribe, "ADOBE_CLIENT_SECRET"),
        *("editing/cut", "cut"),
        media_type="audio/wav",
        derived=("timeline", "edl"),
        unpriced="minute",
        params={"crossfade": 0.0, "pad": 0.0, "snap": 0.0},
    ),
    JobCase(
        *("firefly-picture", "adobe/firefly-image-4", *_FIREFLY, "background", "image"),
        cancels=True,
        unpriced="image",
        media_type="image/jpeg",
    ),
    JobCase(
        *("firefly-film", "adobe/firefly-video", *_FIREFLY, "video", "video"),
        cancels=True,
        unpriced="output_second_720p",
    ),
    JobCase("sync-lipsync", "sync/lipsync-2", *_SYNC, "lipsync", "video"),
    JobCase("sync-dubbing", "sync/dub-lipsync-2", *_SYNC, "dubbing", "dubbed", unpriced="output_second"),
)

ONE_EACH = tuple({(case.providers, case.server): case for case in reversed(JOBS)}.values())[::-1]
"""The first model of each adapter. What its models share (how it is spoken to, its errors and files) is tried once."""


def environment(folder: Path) -> dict[str, str]:
    """What the vendors need beside a key: a client's id, and where the sources lie for one that fetches them itself."""
    file = folder / "addresses.json"
    contents = (*(make() for make, _, _ in CONTENT.values()), *map(tone, range(1, 32)))
    hashes = (hashlib.sha256(content).hexdigest() for content in contents)
    file.write_text(json.dumps({sha256: f"https://store.example.com/{sha256}?signed=1" for sha256 in hashes}))
    return {"ADOBE_CLIENT_ID": loopback_adobe.CLIENT_ID, "FILMBENCH_ADDRESSES": str(file)}


def sample_of(case: JobCase, folder: Path, **more: Any) -> tuple[Sample, Files]:
    """A sample for the case with its media below ``folder``."""
    paths, inputs = {}, {}
    for role, value in {**case.inputs(), **more}.items():
        inputs[role] = value
        if isinstance(value, str) and value.startswith("@"):
            make, media_type, seconds = CONTENT[value[1:]]
            content = make()
            (folder / value[1:]).write_bytes(content)
            artifact = Artifact(hashlib.sha256(content).hexdigest(), media_type, len(content), seconds)
            paths[artifact.sha256] = folder / value[1:]
            inputs[role] = artifact
    return Sample("s1", "test", inputs, language="es", tags=frozenset({"drawn"})), Files(paths)


@dataclass
class Followed:
    """One job as far as it came: what arrived, the bill, the last word of the vendor, or the error."""

    files: list[Received] = field(default_factory=list)
    usage: Any = None
    progress: list[Any] = field(default_factory=list)
    job: Job | None = None
    error: Exception | None = None


class Bench:
    """A provider, its server, and requests for it."""

    def __init__(self, case: JobCase, provider: Any, server: JobVendor, folder: Path) -> None:
        self.case, self.provider, self.server, self.folder = case, provider, server, folder

    def request(self, url: str | None = None, params: dict[str, Any] | None = None, **inputs: Any) -> Request:
        sample, self.files = sample_of(self.case, self.folder, **inputs)
        arm = Arm(self.provider.spec.id, "arm", {**self.case.params, **(params or {})})
        return Request(self.case.contract, sample, arm, {"adapter": "1"}, url or self.server.url)

    async def follow(self, request: Request | None = None, polls: int = 20) -> Followed:
        """Prepare, submit, poll and fetch; an error is kept, not raised."""
        got = Followed()
        request = request or self.request()
        try:
            prepared = await self.provider.prepare(request, self.files)
            json.dumps(dict(prepared.payload))
            got.job = await self.provider.submit(prepared)
            json.dumps(dict(got.job.state))
            for _ in range(polls):
                got.progress.append(await self.provider.poll(got.job))
                if got.progress[-1].state not in ("queued", "running"):
                    break
                await asyncio.sleep(got.progress[-1].wait)
            if got.progress[-1].state == "done":
                sink = Sink()
                got.usage = await self.provider.fetch(got.job, sink)
                got.files = [one for one in sink.received if one.whole]
        except Exception as error:  # noqa: BLE001 - the tests look at it
            got.error = error
        return got


def with_bench(case: JobCase, folder: Path, work: Callable[[Bench], Coroutine[Any, Any, Any]], **options: Any) -> Any:
    """Run ``work`` against a fresh loopback server and close everything."""

    async def session() -> Any:
        provider = case.provider()
        async with running(case.server(**options)) as server:
            with patch.dict(os.environ, case.environment(server.url)):
                try:
                    return await work(Bench(case, provider, server, folder))  # type: ignore[arg-type]
                finally:
                    await provider.aclose()

    return asyncio.run(session())


def stated_price(case: JobCase, folder: Path) -> Path:
    """A file with a price of the user's own for what the book knows none of, as ``FILMBENCH_PRICES`` names it."""
    vendor, _, model = case.provider_id.partition("/")
    row = {"vendor": vendor, "model": model, "unit": case.unpriced, "as_of": "2026-11", "source": "my contract"}
    lines = [f"{name} = {json.dumps(value)}" for name, value in {**row, "confidence": "stated"}.items()]
    file = folder / "stated.toml"
    file.write_text("\n".join(["[[prices]]", *lines, "usd = 0.5"]) + "\n")
    return file


def dataset(case: JobCase, folder: Path, samples: int = 2) -> Path:
    """A dataset of such samples, as a user would write one; what is spoken of in it is drawn."""
    folder.mkdir(exist_ok=True)
    lines = []
    for number in range(samples):
        inputs: dict[str, Any] = {}
        for role, value in case.inputs().items():
            inputs[role] = value
            if value.startswith("@"):
                make, media_type, _ = CONTENT[value[1:]]
                content = CHANGING[value[1:]](number) if value[1:] in CHANGING else make()
                name = f"{number}-{value[1:]}"
                (folder / name).write_bytes(content)
                sha256 = hashlib.sha256(content).hexdigest()
                inputs[role] = {"file": name, "sha256": sha256, "media_type": media_type, "bytes": len(content)}
            elif role in ("prompt", "instruction"):
                inputs[role] = f"{value} Number {number}."
        if case.contract == "dubbing":
            inputs["transcript"] = f"line {number}"  # so that the samples differ
        if case.contract == "lipsync":
            inputs["text"] = f"line {number}"
        lines.append({"id": f"s{number}", "language": "es", "inputs": inputs, "tags": ["drawn"]})
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "samples.jsonl").write_text(text)
    (folder / "card.md").write_text("# mine\n")
    (folder / "dataset.toml").write_text(
        f'name = "mine"\nversion = "0.1"\ntitle = "t"\ncontract = "{case.contract}"\nlicence = "CC0-1.0"\n'
        f'attribution = "me"\nsamples = {samples}\n'
        f'[files]\n"samples.jsonl" = "{hashlib.sha256(text.encode()).hexdigest()}"\n'
    )
    return folder


def suite_text(case: JobCase, url: str, data: Path, timeout: float = 20.0) -> str:
    """A suite that asks one provider for the whole dataset."""
    vendor = case.provider_id.partition("/")[0]
    return (
        f'name = "jobs"\ntimeout = {timeout}\nendpoints = {{ {vendor} = "{url}" }}\n\n[[tasks]]\n'
        f'contract = "{case.contract}"\ndataset = "folder:{data}"\n\n[[tasks.arms]]\nprovider = "{case.provider_id}"\n'
        + "".join(f"params.{name} = {json.dumps(value)}\n" for name, value in case.params.items())
    )
