"""VMAF and VMAF NEG of a whole film, by libvmaf inside the packaged ffmpeg."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filmbench.harness.framepass import MOST_UNSEEN
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.video import CONTAINERS, VideoClip
from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import VISION_EXTRA, Unmeasurable, python, scored, signature, threads

MODELS = {"vmaf": "vmaf_v0.6.1", "vmaf_neg": "vmaf_v0.6.1neg"}
SMALLEST = 16
"""The least side in pixels that all of its features can be had of."""
LONGEST_SECONDS = 3600.0


class Vmaf:
    """Video Multimethod Assessment Fusion: how good a take looks beside the film it should be, learned from viewers.

    What: ``vmaf`` is model v0.6.1, ``vmaf_neg`` the same without reward for enhancement, mean over frames.
    Range: 0 … 100, higher is better. An identical film has 99.9 or less, not 100.
    Needs: a reference film; both are brought to its size and frame rate, at least 16 pixels each way. One run of
    libvmaf serves both columns. Where the take is longer or shorter, what both have is compared.
    Ignores: colour (it is of luma).
    Known failures: **sharpening raises VMAF without any gain** (76.9 to 91.1 in the golden example, NEG 75.1 to 75.5),
    so NEG is the one to read where a provider may sharpen. One frame of shift costs half of it: 77 falls to 37. The
    model was fitted to 1080p seen from three heights; films here are not scaled to that, so a small one is judged as if
    it were shown small.
    Provenance: library libvmaf, as built into the packaged ffmpeg.
    Source: github.com/Netflix/vmaf.
    Licence: BSD-2-Clause-Patent (libvmaf and its models); the ffmpeg that runs it is GPL-3.0, used as a program.
    """

    def __init__(
        self,
        prefix: str,
        contract: str,
        output: str = "video",
        against: str = "reference.video",
        core: bool = True,
    ) -> None:
        source, _, role = against.partition(".")
        self.output, self.against = output, against
        self.specs = tuple(
            MetricSpec(
                id=f"{prefix}.{name}",
                title="VMAF" if name == "vmaf" else "VMAF NEG",
                unit="",
                signature=signature(
                    f"{prefix}.{name}",
                    "imageio-ffmpeg",
                    settings=f"{model};size:reference;fps:reference;agg:mean;against:{against}",
                ),
                contracts=(contract,),
                higher_is_better=True,
                provenance="library",
                low=0.0,
                high=100.0,
                worst=0.0,
                needs=(output,),
                references=(role,) if source == "reference" else (),
                requires=(python("ffmpeg", VISION_EXTRA), python("imageio_ffmpeg")),
                core=core,
                licence="BSD-2-Clause-Patent",
            )
            for name, model in MODELS.items()
        )

    def score(self, view: View) -> Sequence[Score]:
        """Score the take's film against the one it should be."""
        source, _, role = self.against.partition(".")

        def measure() -> Sequence[float]:
            reference = view.reference(role) if source == "reference" else view.input(role)
            if reference is None:
                raise Unmeasurable(f"the sample has no {source} {role}")
            take = view.output(self.output)
            try:
                if source == "reference" and take.seconds < (1 - MOST_UNSEEN) * reference.seconds:
                    raise Unmeasurable(f"the take ends early: after {take.seconds:.2f} of {reference.seconds:.2f} s")
                found = vmaf(take, reference)
            except BadMedia as error:
                raise Unmeasurable(error.reason) from error
            return [found[name] for name in MODELS]

        return scored(self.specs, measure)


def vmaf(take: VideoClip, reference: VideoClip, names: Sequence[str] = tuple(MODELS)) -> dict[str, float]:
    """VMAF (0..100) of ``take`` against ``reference`` by each model in ``names`` (of :data:`MODELS`), mean over frames.

    Frames are paired by time on the reference's frame rate and compared at its size. Raises
    :class:`~filmbench.harness.media.decode.BadMedia` for what cannot be read, and ``Unmeasurable`` for pictures too
    small and where ffmpeg fails.
    """
    if min(reference.first_size) < SMALLEST:
        raise Unmeasurable(f"{SMALLEST} pixels each way are needed, not {'×'.join(map(str, reference.first_size))}")
    take.first_size  # noqa: B018 - opens the film through the bounded reader, which refuses what ffmpeg would take
    with TemporaryDirectory() as folder:
        for name, clip in (("take", take), ("reference", reference)):
            (Path(folder) / name).symlink_to(
                clip.path.absolute()
            )  # plain names: a path may hold what a graph would parse
        log = Path(folder) / "vmaf.json"
        command = _command(take, reference, names, log)
        try:
            ran = subprocess.run(command, cwd=folder, capture_output=True, timeout=LONGEST_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise Unmeasurable(f"ffmpeg took more than {LONGEST_SECONDS:g} s") from None
        if ran.returncode or not log.exists():
            raise Unmeasurable(f"ffmpeg failed: {ran.stderr.decode(errors='replace').strip()[-200:]}")
        pooled = json.loads(log.read_text())["pooled_metrics"]
    return {name: float(pooled[name]["mean"]) for name in names}


def _command(take: VideoClip, reference: VideoClip, names: Sequence[str], log: Path) -> list[str]:
    import ffmpeg
    import imageio_ffmpeg

    models = "|".join(f"version={MODELS[name]}:name={name}" for name in names)
    graph = ffmpeg.filter(
        [_aligned("take", take, reference), _aligned("reference", reference, reference)],
        "libvmaf",
        model=models,
        n_threads=threads(),
        log_fmt="json",
        log_path=log.name,
        shortest=1,
    )
    output = ffmpeg.output(graph, "-", format="null").global_args("-nostdin", "-v", "error")
    command: list[str] = output.compile(cmd=imageio_ffmpeg.get_ffmpeg_exe())
    return command


def _aligned(name: str, clip: VideoClip, reference: VideoClip) -> Any:
    """The film ``name`` from its first frame on, at the reference's rate and size.

    A time base of one frame makes time stamps frame numbers: in the containers' finer ones a stamp may be rounded to
    just before its partner's, and every such frame would be held against the wrong one.
    """
    import ffmpeg

    width, height = reference.first_size
    rate = Fraction(reference.nominal_fps).limit_denominator(1001)
    source = ffmpeg.input(
        name,
        protocol_whitelist="file",
        format_whitelist=",".join((*CONTAINERS, "mp4")),
        threads=threads(),
    )
    pictures = source.video.filter("setpts", "PTS-STARTPTS").filter("fps", fps=f"{rate.numerator}/{rate.denominator}")
    if clip.first_size != reference.first_size:
        pictures = pictures.filter("scale", width, height, flags="bicubic")
    return pictures.filter("format", "yuv420p")
