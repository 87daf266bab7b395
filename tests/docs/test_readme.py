"""The README's snippets, run as they stand: a provider, a metric, a suite."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from loopback import audio
from loopback.server import KEY

pytest_plugins = ["pytester"]
README = Path(__file__).parents[2] / "README.md"
FILMBENCH = Path(sys.executable).with_name("filmbench")


def snippets() -> dict[str, str]:
    """The README's code blocks that name their file in the first line (``# deepgram.py``)."""
    blocks = re.findall(r"^```\w+\n# (\S+)\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return dict(blocks)


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """The snippets installed as a user's package would be."""
    folder = tmp_path / "site"
    info = folder / "acme-1.0.dist-info"
    info.mkdir(parents=True)
    found = snippets()
    for name in ("deepgram.py", "acme_metrics.py"):
        (folder / name).write_text(found[name], encoding="utf-8")
    entries = found["pyproject.toml"].replace('[project.entry-points."', "[").replace('"]', "]").replace('"', "")
    (info / "entry_points.txt").write_text(entries, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n", encoding="utf-8")
    (tmp_path / "aura.toml").write_text(found["aura.toml"], encoding="utf-8")
    return tmp_path


def test_snippets_are_as_short_as_promised():
    found = snippets()
    assert len(found["deepgram.py"].splitlines()) <= 60
    assert len(found["acme_metrics.py"].splitlines()) <= 40


@pytest.fixture
def deepgram():
    """The vendor of the README's example, which holds its contract, in a process of its own; gives its address."""
    if not audio.available():
        pytest.skip("espeak-ng is not installed, so no vendor can speak")
    program = Path(__file__).parents[1] / "loopback" / "deepgram.py"
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as vendor:
        yield vendor.stdout.readline().strip()
        vendor.kill()


def test_a_provider_and_a_metric_of_ones_own(plugin, deepgram):
    environment = {
        **os.environ,
        "PYTHONPATH": str(plugin / "site"),
        "DEEPGRAM_API_KEY": KEY,
        "FILMBENCH_DEEPGRAM_URL": deepgram,
    }
    suite = plugin / "aura.toml"
    suite.write_text(suite.read_text().replace("per_cluster = 1", "limit = 2"))
    command = [FILMBENCH, "run", suite, "--store", plugin / "runs", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    (table,) = json.loads(done.stdout)["tables"]
    rows = {row["arm"]: row for row in table["rows"]}
    assert rows["Aura Thalia"]["ok"] == 2
    assert 0 < rows["Aura Thalia"]["values"]["tts.silence_share"]["value"] < 60, "the vendor speaks, with pauses"
    with urllib.request.urlopen(f"{deepgram}/_counts") as answer:
        assert json.load(answer)["billed"] == 2
    assert KEY.encode() not in (plugin / "runs" / "ledger.db").read_bytes()


def test_the_rules_of_a_gate_are_valid(tmp_path):
    from filmbench.harness import gate

    file = tmp_path / "gate.toml"
    file.write_text(snippets()["gate.toml"], encoding="utf-8")
    rules = gate.load(file)
    assert rules.margins == {"tts.cer": 1.0, "tts.distillmos": 0.1}
    assert rules.limits.cost_ratio == 1.25


def test_a_teams_tests_are_collected_and_say_what_they_lack(pytester):
    """Without a baseline each gate says how to save one; nothing is asked of any vendor."""
    pytester.makepyfile(test_voices=snippets()["test_voices.py"])
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-k", "upgrade")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["there is no baseline 'main'", "*filmbench baseline save main*"])
