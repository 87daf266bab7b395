"""For tests of the vendors that work by job: cases, requests with real media, one job followed as the engine does."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filmbench.adapters import fal, heygen, runway, sync
from filmbench.harness.protocols import Job
from filmbench.harness.types import Arm, Artifact, Request, Sample
from loopback import fal as loopback_fal
from loopback import heygen as loopback_heygen
from loopback import runway as loopback_runway
from loopback import sync as loopback_sync
from loopback.audio import speak
from loopback.jobs import JobVendor, film
from loopback.pictures import picture
from loopback.rig import Files, Received, Sink
from loopback.server import running

CONTENT: dict[str, tuple[Callable[[], bytes], str, float | None]] = {
    "film.mp4": (film, "video/mp4", 1.0),
    "frame.png": (lambda: picture(64, 36, "png"), "image/png", None),
    "voice.wav": (lambda: speak("Keep the light on.", "wav", 16_000), "audio/wav", 0.9),
}
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
}


@dataclass(frozen=True)
class JobCase:
    """One model of one vendor: its contract, its loopback server, the variable of its key."""

    name: str
    provider_id: str
    providers: tuple[Any, ...]
    server: type[JobVendor]
    key: str
    contract: str
    role: str
    cancels: bool = False
    takes_image: bool = True

    def inputs(self) -> dict[str, str]:
        """What a sample for it holds; ``@`` names a medium."""
        return {role: value for role, value in INPUTS[self.contract].items() if self.takes_image or role != "image"}

    def provider(self) -> Any:
        return next(one for one in self.providers if one.spec.id == self.provider_id)


_FAL = (fal.PROVIDERS, loopback_fal.Fal, "FAL_KEY")
_HEYGEN = (heygen.PROVIDERS, loopback_heygen.HeyGen, "HEYGEN_API_KEY")
_RUNWAY = (runway.PROVIDERS, loopback_runway.Runway, "RUNWAYML_API_SECRET")
_SYNC = (sync.PROVIDERS, loopback_sync.Sync, "SYNC_API_KEY")
JOBS = (
    JobCase("heygen-translation", "heygen/translate-speed", *_HEYGEN, "dubbing", "dubbed"),
    JobCase("heygen-lipsync", "heygen/lipsync-precision", *_HEYGEN, "lipsync", "video"),
    JobCase("runway-generation", "runway/gen4.5", *_RUNWAY, "video", "video", cancels=True),
    JobCase("runway-aleph", "runway/aleph2", *_RUNWAY, "editing/prompt", "video", cancels=True),
    JobCase("fal-pika", "fal/pika-v2.2", *_FAL, "video", "video", cancels=True, takes_image=False),
    JobCase("sync-lipsync", "sync/lipsync-2", *_SYNC, "lipsync", "video"),
)


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
        arm = Arm(self.provider.spec.id, "arm", params or {})
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
            try:
                return await work(Bench(case, provider, server, folder))  # type: ignore[arg-type]
            finally:
                await provider.aclose()

    return asyncio.run(session())


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
                content = make()
                (folder / value[1:]).write_bytes(content)
                sha256 = hashlib.sha256(content).hexdigest()
                inputs[role] = {"file": value[1:], "sha256": sha256, "media_type": media_type, "bytes": len(content)}
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
    )
