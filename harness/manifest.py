"""What lets anyone repeat a run: hashes of suite, data and prices, versions of everything, the machine."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
import sys
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any

from filmbench.harness import models, scoring
from filmbench.harness.plan import Plan
from filmbench.harness.pricing import PriceBook


def build(plan: Plan, book: PriceBook) -> dict[str, Any]:
    """The manifest of a run that is about to start."""
    return {
        "filmbench": version("filmbench"),
        "git": _git(),
        "suite": {"name": plan.suite.name, "sha256": plan.suite.sha256, "seed": plan.suite.seed},
        "datasets": {
            task.dataset.name: {"version": task.dataset.version, "sha256": task.dataset.sha256} for task in plan.tasks
        },
        "prices": book.sha256,
        "metrics": {spec.id: spec.signature for spec in scoring.columns(plan.suite)},
        "weights": {name: entry.sha256 for name, entry in models.entries().items()},
        "python": sys.version.split()[0],
        "packages": {found.name: found.version for found in sorted(distributions(), key=lambda d: d.name.lower())},
        "ffmpeg": _ffmpeg(),
        "host": {
            "name": socket.gethostname(),
            "system": platform.platform(),
            "processor": _processor(),
            "cores": len(os.sched_getaffinity(0)),
        },
    }


def _git() -> dict[str, Any] | None:
    """The checkout's commit and whether it has changes; ``None`` outside a checkout."""
    here = Path(__file__).resolve().parent
    try:
        commit = subprocess.run(["git", "-C", here, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
        status = subprocess.run(
            ["git", "-C", here, "status", "--porcelain"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return {"commit": commit.stdout.strip(), "dirty": bool(status.stdout.strip())}


def _ffmpeg() -> str | None:
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_version())
    except (ImportError, RuntimeError):
        return None


def _processor() -> str | None:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or None
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), None)
