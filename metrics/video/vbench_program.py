"""Running VBench and VBench-2.0 as programs in the environments that users installed them in.

They need a GPU, old packages and ten networks, so they never share an environment with filmbench. A variable
(``FILMBENCH_VBENCH``, ``FILMBENCH_VBENCH2``) names the program that the installation made, ``…/bin/vbench`` or
``…/bin/vbench2``; version and prompts are read from the files beside it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from filmbench.harness import models
from filmbench.harness.types import UsageError
from filmbench.metrics.measure import Unmeasurable
from filmbench.metrics.video.vbench import read_results

DAY = 24 * 3600
_KEPT = frozenset({"HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "USER"})
_KEPT_KINDS = ("CUDA", "NVIDIA", "HF_", "TORCH", "VBENCH", "XDG_")
_SECRET = ("TOKEN", "KEY", "SECRET")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One of the benchmark's own prompts, with the dimensions it is judged in."""

    text: str
    dimensions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Program:
    """One of the two benchmarks: its package, the variable that names its program, the file of its prompts."""

    package: str
    variable: str
    prompts_file: str

    @property
    def path(self) -> Path | None:
        """The program, or ``None`` where the variable names none."""
        found = shutil.which(os.environ.get(self.variable, ""))
        return Path(found).resolve() if found else None

    @property
    def version(self) -> str:
        """The version installed beside the program: ``absent`` without one, ``unknown`` where no record lies."""
        if self.path is None:
            return "absent"
        return next((one.version for one in distributions(name=self.package, path=self._places())), "unknown")

    def prompts(self) -> tuple[Prompt, ...]:
        """The benchmark's own prompts; empty where its file is not beside the program."""
        for place in self._places():
            with suppress(OSError, ValueError, KeyError, TypeError):
                table = json.loads((Path(place) / self.package / self.prompts_file).read_text(encoding="utf-8"))
                return tuple(Prompt(one["prompt_en"], frozenset(one["dimension"])) for one in table)
        return ()

    def _places(self) -> list[str]:
        if self.path is None:
            return []
        return [str(place) for place in sorted(self.path.parent.parent.glob("lib/python*/site-packages"))]

    def evaluate(self, dimension: str, videos: Path, mode: str, prompts: Mapping[str, str] | None = None) -> float:
        """The raw value of one dimension over the folder ``videos``; ``prompts`` by file name where they are others.

        Raises :class:`Unmeasurable` with what the program said where it gives no result. One runs at a time.
        """
        program = self.path
        if program is None:
            raise Unmeasurable(f"{self.variable} names no program")
        with tempfile.TemporaryDirectory(prefix="filmbench-") as folder, self._alone():
            out = Path(folder) / "results"
            command: list[str | Path] = [program, "evaluate", "--videos_path", videos, "--dimension", dimension]
            command += ["--output_path", out, "--mode", mode]
            if prompts is not None:
                asked = Path(folder) / "prompts.json"
                asked.write_text(json.dumps(dict(prompts)), encoding="utf-8")
                command += ["--prompt_file", asked]
            said = _run(command, program.parent, Path(folder))
            # Its exit code is 0 whatever happens: only the file of results tells. VBench-2.0 puts it one folder deeper.
            results = sorted(out.rglob("*_eval_results.json"))
            if not results:
                raise Unmeasurable(f"{self.package} gave no result: {said}")
            try:
                return read_results(results[-1])[dimension]
            except (UsageError, KeyError) as error:
                raise Unmeasurable(f"{self.package} gave no readable result: {error}") from None

    def _alone(self) -> _Lock:
        return _Lock(models.cache_folder() / f"{self.package}.lock")


class _Lock:
    """Held by one process of this machine at a time: the benchmarks fill a GPU."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w")

    def __enter__(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _run(command: Sequence[str | Path], beside: Path, folder: Path) -> str:
    """Run it in ``folder``, with its own environment's programs first and no key of ours; its last words."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if (name in _KEPT or name.startswith(_KEPT_KINDS)) and not any(word in name for word in _SECRET)
    }
    path = f"{beside}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    try:
        done = subprocess.run(
            command, cwd=folder, env=kept | {"PATH": path}, capture_output=True, timeout=DAY, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unmeasurable(f"{command[0]} could not be run: {error}") from None
    lines = (done.stderr or done.stdout).decode(errors="replace").split("\n")
    return next((line.strip()[-300:] for line in reversed(lines) if line.strip()), "it said nothing")


VBENCH = Program("vbench", "FILMBENCH_VBENCH", "VBench_full_info.json")
VBENCH2 = Program("vbench2", "FILMBENCH_VBENCH2", "VBench2_full_info.json")
