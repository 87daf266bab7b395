"""The README's snippets, run as they stand: a provider, a metric, a suite."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
README = Path(__file__).parents[2] / "README.md"
FILMBENCH = Path(sys.executable).with_name("filmbench")


def snippets() -> dict[str, str]:
    """The README's code blocks that name their file in the first line (``# acme.py``)."""
    blocks = re.findall(r"^```\w+\n# (\S+)\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return dict(blocks)


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """The snippets installed as a user's package would be."""
    folder = tmp_path / "site"
    info = folder / "acme-1.0.dist-info"
    info.mkdir(parents=True)
    found = snippets()
    for name in ("acme.py", "acme_metrics.py"):
        (folder / name).write_text(found[name], encoding="utf-8")
    entries = found["pyproject.toml"].replace('[project.entry-points."', "[").replace('"]', "]").replace('"', "")
    (info / "entry_points.txt").write_text(entries, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n", encoding="utf-8")
    (tmp_path / "acme.toml").write_text(found["acme.toml"], encoding="utf-8")
    return tmp_path


def test_snippets_are_as_short_as_promised():
    found = snippets()
    assert len(found["acme.py"].splitlines()) <= 60
    assert len(found["acme_metrics.py"].splitlines()) <= 40


def test_a_provider_and_a_metric_of_ones_own(plugin, server):
    environment = {
        **os.environ,
        "PYTHONPATH": str(plugin / "site"),
        "ACME_API_KEY": "secret",
        "FILMBENCH_ACME_URL": server.url,
    }
    suite = plugin / "acme.toml"
    suite.write_text(suite.read_text().replace("per_cluster = 1", "limit = 2"))
    command = [FILMBENCH, "run", suite, "--store", plugin / "runs", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    (table,) = json.loads(done.stdout)["tables"]
    rows = {row["arm"]: row for row in table["rows"]}
    value = rows["Acme Anna"]["values"]["tts.silence_share"]
    assert value["value"] == pytest.approx(0.0, abs=1e-6), "the loopback vendor's tone is never silent"
    assert sum(server.paid().values()) == 2
    assert b"secret" not in (plugin / "runs" / "ledger.db").read_bytes()


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
