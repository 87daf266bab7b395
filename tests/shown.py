"""A small real run for tests of report and dashboard: spoken by espeak-ng and flite, scored as far as is cheap."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from filmbench.harness import registry, runner
from filmbench.harness import suite as suites
from filmbench.harness.engine.reuse import Reuse
from filmbench.harness.store import Store, schema
from sqlalchemy import select

ARMS = ("espeak <i>&amp; co", "flite slt")
LINES = ("en-s01-l1", "en-s03-l1", "es-s01-l1")
SUITE = """
name = "shown"
title = "Voices <b>to show</b>"

[[tasks]]
contract = "tts"
dataset = "film-lines"
samples = ["en-s01-l1", "en-s03-l1", "es-s01-l1"]
metrics = ["tts.cer", "tts.loudness_lufs", "tts.clipping"]

[[tasks.arms]]
provider = "local/espeak-ng"
label = "espeak <i>&amp; co"

[[tasks.arms]]
provider = "local/flite"
label = "flite slt"
"""
HEARD = "he labelled nothing <img src=x onerror=alert(1)> in the freezer"


def make(folder: Path) -> str:
    """Run the suite into the store ``folder``; the run's id.

    The judge is not asked, it takes too long here: each good take gets a transcript written by hand.
    """
    for program in ("espeak-ng", "flite"):
        if shutil.which(program) is None:
            pytest.skip(f"needs the program {program}")
    asked = suites.parse(SUITE, "shown.toml")
    cheap = suites.parse(SUITE.replace('"tts.cer", ', ""), "shown.toml")
    with Store.open(folder) as store:
        run = runner.start(store, cheap, Reuse.parse("always", False, False), Decimal(0), runner.Silent()).run
        store.ledger.write_now(lambda connection: _add_transcripts(connection, run, asked.model_dump(mode="json")))
    return run


def _add_transcripts(connection: Any, run: str, plan: Any) -> None:
    spec = registry.metric_spec("tts.cer")
    texts = select(schema.takes.c.key, schema.takes.c.epoch, schema.requests.c.text, schema.requests.c.provider)
    made = texts.join(schema.requests, schema.requests.c.key == schema.takes.c.key).where(
        schema.takes.c.outcome == "ok"
    )
    for row in connection.execute(made).all():
        said = row.text.lower()
        wrong = row.provider == "local/espeak-ng"
        errors = 20 if row.text.startswith("El ") else 5 if wrong else 0
        connection.execute(
            schema.scores.insert(),
            {
                "key": row.key,
                "epoch": row.epoch,
                "metric": spec.id,
                "signature": spec.signature,
                "value": 100 * errors / 40,
                "statistics": {"errors": errors, "characters": 40},
                "detail": {"reference": said, "hypothesis": HEARD if wrong else said},
            },
        )
    connection.execute(schema.runs.update().where(schema.runs.c.id == run).values(plan=plan))
