"""Frame metrics beside the routes they replace, on the same films in the same run, at 640×360.

Ratios are of CPU time: the median of interleaved rounds, or the worst of them where it says so. Without
``--benchmark-enable`` the films are short, and what is held is that both routes give the same numbers.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import imageio_ffmpeg
import numpy as np
import pytest
from benchmarks.test_engine import measure
from filmbench.harness import framepass
from filmbench.harness.media.video import VideoClip
from filmbench.harness.media.write import write_video
from filmbench.harness.types import Artifact
from filmbench.metrics.frames import fidelity, lpips, vmaf
from filmbench.metrics.frames.compared import fidelity_columns
from filmbench.metrics.video import motion, steadiness
from films import View

SIZE = (640, 360)
FPS = 25
TOGETHER = (*fidelity_columns("t", "video"), *steadiness.METRICS, *motion.METRICS)
LIGHT = (*fidelity_columns("t", "video", ("psnr", "ssim")), *steadiness.METRICS, *motion.METRICS)


def cpu(call: Callable[[], object]) -> float:
    """CPU seconds of this process, its threads and its children."""
    before = _spent()
    call()
    return _spent() - before


def _spent() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def compare(
    benchmark: Any, ours: Callable[[], object], theirs: Callable[[], object], rounds: int, aim: float, peer: str
) -> None:
    """Leave in the report how many times faster ``ours`` is than ``theirs``."""
    if benchmark.enabled:
        ratio = statistics.median(cpu(theirs) / cpu(ours) for _ in range(rounds))
        benchmark.extra_info.update(ratio=ratio, aim=aim, peer=peer, clock="CPU")
    benchmark.pedantic(ours, rounds=1)


def at_most(
    benchmark: Any,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    rounds: int,
    aim: float,
    peer: str,
    of_rounds: Callable[[Iterable[float]], float] = statistics.median,
) -> None:
    """Leave in the report how many times dearer ``ours`` is than ``theirs``."""
    if benchmark.enabled:
        ratio = of_rounds(cpu(ours) / cpu(theirs) for _ in range(rounds))
        benchmark.extra_info.update(ratio=ratio, aim=aim, peer=peer, clock="CPU", at_most=True)
    benchmark.pedantic(ours, rounds=1)


def often(call: Callable[[], object]) -> Callable[[], object]:
    """Eight calls in one."""
    return lambda: [call() for _ in range(8)]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """As in a scoring worker."""
    cv2.setNumThreads(1)


@pytest.fixture(scope="module")
def seconds(request: pytest.FixtureRequest) -> float:
    return 10.0 if request.config.getoption("--benchmark-enable") else 0.4


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory, seconds: float) -> tuple[VideoClip, VideoClip]:
    """A take with grain and its reference: texture under a camera that pans, with something crossing it."""
    folder = tmp_path_factory.mktemp("films")
    return tuple(  # type: ignore[return-value]
        clip(write_video(folder / f"{name}.mp4", shots(round(seconds * FPS), grain), FPS)[0])
        for name, grain in (("take", 4.0), ("reference", 0.0))
    )


def shots(count: int, grain: float, size: tuple[int, int] = SIZE) -> Iterator[Any]:
    width, height = size
    chance = np.random.default_rng(0)
    wide = cv2.GaussianBlur(chance.integers(0, 255, (height, width + 2 * 250, 3), np.uint8), (0, 0), 3)
    wide = cv2.normalize(wide, None, 0, 255, cv2.NORM_MINMAX)
    for index in range(count):
        step = index % 250
        frame = wide[:, 2 * step : 2 * step + width].copy()
        cv2.circle(frame, ((5 * step) % width, height // 2), height // 8, (220, 60, 40), -1, cv2.LINE_AA)
        noise = chance.normal(0, grain, (height, width, 1)) if grain else 0
        yield np.clip(frame + noise, 0, 255).astype(np.uint8)


def clip(path: Path) -> VideoClip:
    return VideoClip(Artifact(path.name, "video/mp4", path.stat().st_size), path)


def measured(metrics: Any, films: tuple[VideoClip, VideoClip]) -> dict[str, float | None]:
    take, reference = films
    view = View(take, {"video": reference})
    return {score.metric: score.value for score in framepass.watch(view, metrics)}


def test_decoding_beside_pyav(benchmark, films) -> None:
    take = films[0]

    def ours() -> int:
        return sum(frame.luma.shape[0] for frame in take.frames())

    def theirs() -> int:
        with av.open(str(take.path)) as container:
            container.streams.video[0].thread_type = "AUTO"
            return sum(frame.height for frame in container.decode(video=0))

    assert ours() == theirs()
    at_most(benchmark, often(ours), often(theirs), 5, 1.10, "PyAV's decoding alone")


def test_all_together_beside_the_dearest_alone(benchmark, films) -> None:
    lpips.distance(
        *(next(shots(1, grain)) for grain in (4.0, 0.0))
    )  # the model is loaded once, before anything is timed
    alone: dict[str, float | None] = {}
    costs = {metric: cpu(lambda one=metric: alone.update(measured((one,), films))) for metric in TOGETHER}
    assert measured(TOGETHER, films) == alone and len(alone) == 10
    dearest = max(costs, key=costs.__getitem__)
    at_most(
        benchmark,
        lambda: measured(TOGETHER, films),
        lambda: measured((dearest,), films),
        5,
        1.3,
        f"{dearest.specs[0].id} alone, in the worst of five rounds",
        max,
    )


@pytest.fixture(scope="module")
def pair() -> tuple[Any, Any]:
    """One frame and the same with grain: RGB, 640×360."""
    return next(shots(1, 4.0)), next(shots(1, 0.0))


def test_ssim_beside_torchmetrics(benchmark, pair) -> None:
    import torch
    from torchmetrics.functional.image import structural_similarity_index_measure

    torch.set_num_threads(1)
    a, b = (np.ascontiguousarray(one[..., 1]) for one in pair)

    def ours() -> float:
        return fidelity.ssim(a, b, edge="mirrored")

    def theirs() -> float:
        tensors = (torch.from_numpy(one)[None, None].float() for one in (a, b))
        return structural_similarity_index_measure(*tensors, data_range=255.0).item()

    assert ours() == pytest.approx(theirs(), abs=1e-5)
    compare(benchmark, often(ours), often(theirs), 5, 20, "torchmetrics")


def test_ms_ssim_beside_torchmetrics(benchmark, pair) -> None:
    import piq
    import torch
    from torchmetrics.functional.image import multiscale_structural_similarity_index_measure

    torch.set_num_threads(1)
    a, b = (np.ascontiguousarray(one[..., 1]) for one in pair)

    def tensors() -> list[Any]:
        return [torch.from_numpy(one)[None, None].float() for one in (a, b)]

    def ours() -> float:
        return fidelity.ms_ssim(a, b)

    def theirs() -> float:
        return multiscale_structural_similarity_index_measure(*tensors(), data_range=255.0).item()

    doubles = [one.double() for one in tensors()]
    assert ours() == pytest.approx(piq.multi_scale_ssim(*doubles, data_range=255.0).item(), abs=6e-6)
    compare(benchmark, often(ours), often(theirs), 5, 20, "torchmetrics")


def test_lpips_beside_its_package(benchmark, pair) -> None:
    import torch

    network = lpips.network()
    torch.set_num_threads(1)

    def theirs() -> float:
        tensors = (torch.from_numpy(one).permute(2, 0, 1)[None].float() / 127.5 - 1 for one in pair)
        with torch.inference_mode():
            return network(*tensors).item()

    assert lpips.distance(*pair) == pytest.approx(theirs(), abs=1e-4)
    ours = often(lambda: lpips.distance(*pair))
    compare(benchmark, ours, often(theirs), 7, 1.3, "the lpips package's own loop")


def test_vmaf_beside_bare_libvmaf(benchmark, films, tmp_path: Path) -> None:
    take, reference = films
    log = tmp_path / "bare.json"
    models = "|".join(f"version={model}\\:name={name}" for name, model in vmaf.MODELS.items())
    graph = f"[0:v][1:v]libvmaf=model='{models}':n_threads=1:log_fmt=json:log_path={log}"
    bare = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-threads", "1", "-i", str(take.path)]
    bare += ["-threads", "1", "-i", str(reference.path), "-lavfi", graph, "-f", "null", "-"]

    def theirs() -> float:
        subprocess.run(bare, check=True)
        return float(json.loads(log.read_text())["pooled_metrics"]["vmaf"]["mean"])

    assert vmaf.vmaf(take, reference)["vmaf"] == pytest.approx(theirs(), abs=1e-4)
    at_most(benchmark, lambda: vmaf.vmaf(clip(take.path), clip(reference.path)), theirs, 5, 1.05, "bare libvmaf")


@pytest.mark.slow
def test_memory_stays_flat(benchmark, tmp_path: Path) -> None:
    """Peak memory of two processes: after a film of ten seconds, and after one of half an hour."""
    repeats = 180 if benchmark.enabled else 8
    short, _ = write_video(tmp_path / "short.mp4", shots(100, 4.0, (320, 180)), 10)
    long = tmp_path / "long.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-stream_loop", str(repeats - 1), "-i", str(short)]
    subprocess.run([*command, "-c", "copy", str(long)], check=True)
    peaks = [measure("frames_run.py", path)["rss_mb"] for path in (short, long)]
    growth = peaks[1] - peaks[0]
    assert growth < 100
    if benchmark.enabled:
        benchmark.extra_info.update(
            ratio=growth / 100, aim=1.0, peer="100 MB more from 10 s to 30 minutes", clock="peak RSS", at_most=True
        )
    benchmark.pedantic(lambda: None, rounds=1)
