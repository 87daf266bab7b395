"""Speech whose phonemes have known times, because the program that spoke it tells them.

flite prints its segments with ``-psdur``; festival keeps them in an utterance's ``Segment`` relation. Both give the
same bytes for the same text on every machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from filmbench.harness.types import UsageError

PAUSES = frozenset({"pau", "#", "_"})
_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Phoneme:
    """One phoneme as its program names it, from ``start`` to ``end`` seconds."""

    name: str
    start: float
    end: float


def speak(program: str, voice: str, text: str, target: Path) -> list[Phoneme]:
    """Write ``text`` to the WAV file ``target`` and tell its phonemes. ``program`` is ``flite`` or ``festival``.

    Raises :class:`UsageError` where the program or its voice is missing.
    """
    printed = {"flite": _flite, "festival": _festival}[program](voice, text, target)
    if not target.is_file() or not printed:
        raise UsageError(f"{program} has no voice {voice}", "python3 harness/setup/bootstrap.py setup")
    start, before, phonemes = 0.0, 0.0, []
    for name, end in printed:
        before = start if before + end < start else before  # each sentence counts from its own beginning
        phonemes.append(Phoneme(name, start, before + end))
        start = before + end
    return phonemes


def _flite(voice: str, text: str, target: Path) -> list[tuple[str, float]]:
    script = target.with_suffix(".txt")
    script.write_text(text + "\n", encoding="utf-8")
    said = _run(["flite", "-voice", voice, "-psdur", "-f", script.name, "-o", target.name], target.parent)
    script.unlink()
    parts = (word.rpartition(":") for word in said.split() if ":" in word)
    return [(name, float(end)) for name, _, end in parts]


def _festival(voice: str, text: str, target: Path) -> list[tuple[str, float]]:
    quoted = text.replace("\\", "").replace('"', "")
    script = target.with_suffix(".scm")
    script.write_bytes(
        f"(voice_{voice})\n"
        f'(set! line (Utterance Text "{quoted}"))\n'
        "(utt.synth line)\n"
        f'(utt.save.wave line "{target.name}")\n'
        '(mapcar (lambda (one) (format t "%s %f\\n" (item.name one) (item.feat one "end")))'
        " (utt.relation.items line 'Segment))\n".encode("latin-1", errors="replace")
    )
    said = _run(["festival", "--batch", script.name], target.parent)
    script.unlink()
    return [(name, float(end)) for name, _, end in (line.partition(" ") for line in said.splitlines()) if end]


def _run(command: list[str], folder: Path) -> str:
    if not shutil.which(command[0]):
        raise UsageError(f"the program {command[0]} is not installed", f"apt-get install {command[0]}")
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    return done.stdout
