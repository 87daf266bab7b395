"""One run of the engine with a provider that answers at once, in a process of its own.

``python engine_run.py TAKES STORE`` prints CPU seconds, wall seconds and the greatest resident size in MB.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
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

    asked = suite.parse(
        f'name = "speed"\nendpoints = {{ loop = "{endpoint}" }}\n'
        f'[[tasks]]\ncontract = "tts"\ndataset = "film-lines"\nlanguages = ["en"]\n'
        f"takes = {-(-takes // LINES)}\n"
        f'[[tasks.arms]]\nprovider = "loop/{model}"\n',
        "speed.toml",
    )
    made = plan.make(asked)
    with Store.open(store) as opened:
        cpu, wall = time.process_time(), time.perf_counter()
        run = runs.start(opened.ledger, made, {}, None, Reuse())
        tally = asyncio.run(Engine(opened.ledger, opened.artifacts, book(), run).work())
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"takes": sum(tally.outcomes.values()), "cpu": cpu, "wall": wall, "rss_mb": rss}))


if __name__ == "__main__":
    os.environ.setdefault("LOOP_CONCURRENCY", "64")
    main(int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
