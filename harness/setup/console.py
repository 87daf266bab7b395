"""What the set-up prints: short lines with the time passed, and the tail of a failed command's log."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

STARTED = time.monotonic()


class SetupFailed(Exception):
    """The set-up cannot go on; the message says why and what to do."""


def say(text: str) -> None:
    """One line of progress."""
    print(f"[{time.monotonic() - STARTED:4.0f} s] {text}", flush=True)  # noqa: T201 - this script's own output


def run(title: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> str | None:
    """Run ``command`` with its output in ``log``; ``None`` on success, else what it printed.

    While it runs, its last line is shown: on a terminal in place, elsewhere every half minute.
    """
    say(title)
    on_terminal = sys.stdout.isatty()
    shown = time.monotonic()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w+", encoding="utf-8", errors="replace") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
        try:
            while True:
                try:
                    code = process.wait(timeout=0.5)
                    break
                except subprocess.TimeoutExpired:
                    if on_terminal or time.monotonic() - shown > 30:
                        shown = time.monotonic()
                        _show_last_line(log, on_terminal)
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
        finally:
            if on_terminal:
                sys.stdout.write("\r\033[K")
        return None if code == 0 else log.read_text(encoding="utf-8", errors="replace")


def _show_last_line(log: Path, on_terminal: bool) -> None:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    last = lines[-1].strip()[:90] if lines else "…"
    if on_terminal:
        sys.stdout.write(f"\r\033[K[{time.monotonic() - STARTED:4.0f} s]   {last}")
        sys.stdout.flush()
    else:
        say(f"  {last}")


def gist(output: str, lines: int = 3) -> str:
    """The lines of a failed command's output that say why, joined."""
    meaningful = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in meaningful if line.lower().startswith(("error", "e:", "cause", "×", "╰─▶"))]
    return " ".join((telling or meaningful[-lines:])[:lines])[:300] or "it printed nothing"
