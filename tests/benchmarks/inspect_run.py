"""One run of Inspect AI with a model that answers at once, in a process of its own: the engine's peer.

``python inspect_run.py SAMPLES FOLDER`` prints CPU seconds, wall seconds and the greatest resident size in MB.
"""

from __future__ import annotations

import json
import sys
import time

from engine_run import peak_mb
from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig, ModelAPI, ModelOutput, get_model, modelapi
from inspect_ai.scorer import includes
from inspect_ai.solver import generate


@modelapi(name="instant")
def instant() -> type[ModelAPI]:
    """A model of our own: Inspect's mock model would look for a tokenizer on the network."""

    class Instant(ModelAPI):
        async def generate(self, input, tools, tool_choice, config: GenerateConfig) -> ModelOutput:
            return ModelOutput.from_content("instant", "yes")

        def max_connections(self) -> int:
            return 64

    return Instant


def main(samples: int, folder: str) -> None:
    data = MemoryDataset([Sample(input=f"line {number}", target="yes") for number in range(samples)])
    task = Task(dataset=data, solver=generate(), scorer=includes())
    cpu, wall = time.process_time(), time.perf_counter()
    (log,) = eval(task, model=get_model("instant/one"), log_dir=folder, display="none", max_samples=64)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    assert log.status == "success", log.error
    print(json.dumps({"takes": samples, "cpu": cpu, "wall": wall, "rss_mb": peak_mb()}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
