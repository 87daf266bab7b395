"""What this machine lacks, and the command that mends it.

A requirement is checked by what is there, without importing or running the thing itself, so that listing
a hundred providers stays cheap.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Literal

from filmbench.harness import keys, models, registry
from filmbench.harness.protocols import MetricSpec, ProviderSpec, Requirement

TOP_LEVEL = ("harness", "adapters", "metrics", "dashboards", "datasets")
LITTLE_DISK = 5e9


def missing(requires: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """Those of ``requires`` that this machine does not meet, in order."""
    return tuple(need for need in requires if not _met(need))


def availability(requires: Iterable[Requirement]) -> str:
    """``ready``, or what the first unmet requirement asks for (``needs ELEVENLABS_API_KEY``)."""
    return next((phrase(need) for need in missing(requires)), "ready")


def provider_availability(spec: ProviderSpec, today: date | None = None) -> str:
    """As :func:`availability`; a model whose end has come by the book, or that only people can ask, says so first.

    ``today`` is in UTC.
    """
    from filmbench.harness.pricing import book

    day = today or datetime.now(UTC).date()
    life = book().lifetime(spec.id)
    if life and life.over(day):
        return str(life.ending(day))
    return f"by import only: {spec.by_hand}" if spec.by_hand else availability(spec.requires)


def metric_requires(spec: MetricSpec) -> tuple[Requirement, ...]:
    """What a column needs, the shared measurements that it reads included."""
    known = registry.features().items
    read = [known[id].spec.requires for id in spec.features if id in known]
    return tuple(dict.fromkeys((*spec.requires, *(need for requires in read for need in requires))))


def phrase(need: Requirement) -> str:
    """One unmet requirement in words, with the command that brings it."""
    if need.kind == "key":
        return f"needs {need.name}"
    if need.kind == "command":
        return f"needs {need.name}: {need.remedy}"
    if need.kind == "python" and need.name.lower() in _uninstallable():
        return f"unsupported on this Python: {need.name} has no build for {platform.python_version()}"
    kind = {"python": "Python package", "debian": "Debian package"}.get(need.kind, need.kind)
    return f"needs {kind} {need.name}: {need.remedy}"


def _met(need: Requirement) -> bool:
    match need.kind:
        case "python":
            return importlib.util.find_spec(need.name) is not None
        case "program":
            return shutil.which(need.name) is not None
        case "debian":
            return need.name in _debian_packages()
        case "weights":
            return models.installed(need.name)
        case "key":
            return keys.find(need.name) is not None
        case "command":
            return shutil.which(os.environ.get(need.name, "")) is not None
        case "file":
            return Path(os.path.expandvars(need.name)).expanduser().exists()


@cache
def _debian_packages() -> frozenset[str]:
    """Everything dpkg has installed; empty on a machine without dpkg."""
    if shutil.which("dpkg-query") is None:
        return frozenset()
    listing = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n"], capture_output=True, text=True, check=False
    ).stdout
    return frozenset(line.split()[0] for line in listing.splitlines() if line.endswith(" installed"))


@cache
def _uninstallable() -> frozenset[str]:
    """Packages that the checkout's set-up found no build of for this Python; empty where it never ran."""
    try:
        skipped = json.loads((Path(sys.prefix) / "filmbench-setup.json").read_text(encoding="utf-8"))["skipped"]
    except (OSError, ValueError, KeyError):
        return frozenset()
    return frozenset(name.lower() for name, reason in skipped.items() if reason.startswith("no build for this Python"))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``broken`` must be mended; ``missing`` costs the rows that need it; ``note`` is harmless."""

    subject: str
    state: Literal["ok", "missing", "note", "broken"]
    detail: str
    remedy: str = ""


def examine(store: Path) -> tuple[Finding, ...]:
    """Look at everything: Python, disk, ffmpeg, providers, metrics, foreign packages, entry points."""
    return (
        *_machine(store),
        *_unmet(),
        *_foreign_packages(),
        *_broken_entry_points(),
    )


def _machine(store: Path) -> Iterator[Finding]:
    python = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info[:2] == (3, 11):
        yield Finding("Python", "ok", python)
    else:
        yield Finding("Python", "note", f"{python}; some engines are built for 3.11 only")
    for name, folder in (("store", store), ("cache", models.cache_folder())):
        there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
        free = shutil.disk_usage(there).free
        detail = f"{free / 1e9:.1f} GB free at {folder.absolute()}"
        if free > LITTLE_DISK:
            yield Finding(f"disk, {name}", "ok", detail)
        else:
            yield Finding(f"disk, {name}", "missing", detail, "free some space, or name another folder")
    yield _ffmpeg()


def _ffmpeg() -> Finding:
    try:
        import imageio_ffmpeg

        return Finding("ffmpeg", "ok", f"{imageio_ffmpeg.get_ffmpeg_version()} at {imageio_ffmpeg.get_ffmpeg_exe()}")
    except (ImportError, RuntimeError) as error:
        return Finding("ffmpeg", "missing", str(error), "pip install imageio-ffmpeg")


def _unmet() -> Iterator[Finding]:
    """One finding per unmet requirement, naming everything that waits for it."""
    waiting: dict[Requirement, list[str]] = {}
    ready = 0
    providers = registry.providers().items
    columns = {id: registry.metric_spec(id) for id in registry.metrics().items}
    needs = {id: provider.spec.requires for id, provider in providers.items()}
    needs |= {id: metric_requires(spec) for id, spec in columns.items()}
    for id, requires in needs.items():
        unmet = missing(requires)
        ready += not unmet
        for need in unmet:
            waiting.setdefault(need, []).append(id)
    yield Finding("providers and metrics", "ok", f"{ready} of {len(needs)} ready")
    for need, users in waiting.items():
        remedy = f"export {need.name}=…" if need.kind == "key" else need.remedy
        others = f" and {len(users) - 3} more" if len(users) > 3 else ""
        detail = f"{phrase(need).split(':')[0]} for {', '.join(users[:3])}{others}"
        yield Finding(need.name, "missing", detail, remedy)


def _foreign_packages() -> Iterator[Finding]:
    owners = importlib.metadata.packages_distributions()
    for name in TOP_LEVEL:
        others = [owner for owner in dict.fromkeys(owners.get(name, ())) if owner != "filmbench"]
        if others:
            detail = f"the bare name belongs to {', '.join(others)}; ours is filmbench.{name}, so nothing clashes"
            yield Finding(name, "note", detail)


def _broken_entry_points() -> Iterator[Finding]:
    for kind in (registry.providers(), registry.features(), registry.metrics()):
        for entry in kind.broken:
            remedy = "repair or uninstall the package that offers it"
            yield Finding(f"{entry.group}: {entry.name}", "broken", entry.reason, remedy)
