"""A third party's package, found as any other through its entry points, and the command line run as users run it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ACME = '''
from filmbench.harness.protocols import MetricSpec, Param, ProviderSpec, Requirement

KEY = Requirement("key", "ACME_TOKEN", "export ACME_TOKEN=…")


class Voice:
    def __init__(self, id, *requires, **more):
        self.spec = ProviderSpec(
            id=id, contracts=("tts",), title="Acme", revision="1", licence="terms of Acme", requires=requires,
            params={"voice": Param("str", "who speaks", "ada", ("ada", "bob"))}, **more,
        )


PROVIDERS = (
    Voice("acme/ready", Requirement("python", "pytest", "pip install pytest")),
    Voice("acme/keyed", KEY),
    Voice("acme/boxed", Requirement("debian", "no-such-package", "apt-get install no-such-package")),
    Voice("acme/gone"),
)


class Plosives:
    """Counts the plosives that pop.

    Known failure: cannot tell a pop from a door.
    """

    specs = (
        MetricSpec(
            id="tts.plosives", title="Plosives", unit="1/min", signature="tts.plosives|acme:1", contracts=("tts",),
            higher_is_better=False, provenance="proxy", low=0.0, requires=(KEY,), licence="MIT",
        ),
    )

    def score(self, view):
        return ()


METRICS = (Plosives(),)
'''
ENTRY_POINTS = """
[filmbench.providers]
acme = acme_filmbench:PROVIDERS
torn = acme_torn:PROVIDERS

[filmbench.metrics]
acme = acme_filmbench:METRICS
"""

PRICES = """
[[models]]
vendor = "acme"
model = "gone"
retired_on = 2020-01-01
as_of = "2019"
source = "the letter of Acme"
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """A folder with the package Acme as pip leaves one; one of its two modules does not import."""
    folder = tmp_path / "site"
    facts = folder / "acme_filmbench-1.0.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-filmbench\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(ENTRY_POINTS)
    (folder / "acme_filmbench.py").write_text(ACME)
    (folder / "acme_torn.py").write_text("import no_such_module\n")
    return folder


@pytest.fixture
def filmbench(acme: Path, tmp_path: Path) -> Run:
    """Run ``filmbench`` in an empty folder with Acme installed."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from filmbench.harness.cli import main; main()", *arguments]
        own = tmp_path / "own-prices.toml"
        own.write_text(PRICES)
        settings = {
            **os.environ,
            "PYTHONPATH": str(acme),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "FILMBENCH_PRICES": str(own),
        }
        return subprocess.run(
            command, env=settings | environment, cwd=tmp_path, capture_output=True, text=True, timeout=300
        )

    return run
