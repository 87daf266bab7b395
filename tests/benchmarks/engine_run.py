"""One run of the engine with a provider that answers at once, in a process of its own.

``python engine_run.py TAKES STORE`` warms up, then prints CPU seconds, wall seconds and the greatest size in MB.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins"))
LINES = 75


def main(takes: int, store: Path, model: str = "zero", endpoint: str = "http://127.0.0.1:1") -> None:
    from filmbench.harness import plan, suite
    from filmbench.harness.engine import runs
    from filmbench.harness.engine.loop import Engine
    from filmbench.harness.engine.reuse import Reuse
    from filmbench.harness.pricing import book
    from filmbench.harness.store import Store
    from filmbench.harness.types import Outcome

    def run(takes: int, folder: Path) -> dict[str, float]:
        asked = suite.parse(
            f'name = "speed"\nendpoints = {{ loop = "{endpoint}" }}\n'
            f'[[tasks]]\ncontract = "tts"\ndataset = "film-lines"\nlanguages = ["en"]\n'
            f"takes = {-(-takes // LINES)}\n"
            f'[[tasks.arms]]\nprovider = "loop/{model}"\n',
            "speed.toml",
        )
        made = plan.make(asked)
        with Store.open(folder) as opened:
            cpu, wall = time.process_time(), time.perf_counter()
            opened_run = runs.start(opened.ledger, made, {}, None, Reuse())
            tally = asyncio.run(Engine(opened.ledger, opened.artifacts, book(), opened_run).work())
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        return {"takes": tally.outcomes[Outcome.OK], "cpu": cpu, "wall": wall, "rss_mb": peak_mb()}

    run(LINES, store / "warm-up")  # imports and the first connections are no take's cost
    print(json.dumps(run(takes, store)))


def peak_mb() -> float:
    """The greatest resident size of this program; unlike ru_maxrss it does not hold the parent's before exec."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    os.environ.setdefault("LOOP_CONCURRENCY", "64")
    main(int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
