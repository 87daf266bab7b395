"""The pytest plugin in a repository of its own: what a team writes, and what it is told."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from filmbench.harness import baselines, results
from filmbench.harness.store import Store

pytest_plugins = ["pytester"]

PLUGINS = Path(__file__).parents[1] / "plugins"
GATE = """
    def test_voice_upgrade(film_bench):
        film_bench.gate("tts", candidate={candidate!r}, margins={margins})
"""


@pytest.fixture(scope="session")
def main_baseline(shown, tmp_path_factory):
    """Saved before pytester notes which modules are loaded: it throws later ones out, which pyarrow does not bear."""
    file = tmp_path_factory.mktemp("baseline") / "main.filmbench"
    with Store.reading(shown[0]) as made:
        baselines.save(made, results.read(made, shown[1]), "main", file=file)
    return file


@pytest.fixture
def repository(main_baseline, pytester, monkeypatch):
    """A team's repository whose store holds the baseline ``main``."""
    store = pytester.path / "runs" / "baselines"
    store.mkdir(parents=True)
    shutil.copy(main_baseline, store)
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)  # pytest-benchmark measures nothing in a worker
    monkeypatch.setenv("PYTHONPATH", f"{PLUGINS}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    return pytester


def run(repository, test, *options):
    repository.makepyfile(test)
    return repository.runpytest_subprocess("-p", "no:cacheprovider", *options)


def test_too_few_samples_are_neither_green_nor_a_regression(repository):
    test = GATE.format(candidate="flite slt", margins={"tts.clipping": 0.5})
    result = run(repository, test, "--film-save", "next")
    result.assert_outcomes(failed=1)  # two lines in English are fewer than the ten a gate asks for
    result.stdout.fnmatch_lines(["*too little measured: 2 samples in common, the rules ask for 10*"])
    assert not (repository.path / "runs" / "baselines" / "next@tts.filmbench").exists()


def rules(repository, **margins):
    lines = "\n".join(f'"{id}" = {margin}' for id, margin in margins.items())
    (repository.path / "gate.toml").write_text(f"minimum_samples = 2\n[margins]\n{lines}\n")


RULED = """
    import pytest

    @pytest.mark.film_bench(rules="gate.toml")
    def test_voice_upgrade(film_bench):
        judged = film_bench.gate("tts", candidate={candidate!r}, base={base!r})
        assert judged.verdict
"""


def test_a_voice_that_passes_is_the_next_baseline(repository):
    rules(repository, **{"tts.clipping": 0.5})
    result = run(repository, RULED.format(candidate="flite slt", base="flite slt"), "--film-save", "next")
    result.assert_outcomes(passed=1)
    with_own = run(
        repository, RULED.format(candidate="flite slt", base="flite slt"), "--film-baseline", "next", "-m", "film_bench"
    )
    with_own.assert_outcomes(passed=1)
    saved = baselines.describe(baselines.find(repository.path / "runs", "next@tts"))
    assert saved.arms == ("flite slt",)


def test_what_cannot_be_asked_is_one_sentence(repository):
    test = """
    import pytest

    @pytest.mark.parametrize("asked", [
        dict(contract="tts", candidate="flite slt"),
        dict(contract="tts", candidate="local/flit", margins={"tts.clipping": 1}),
        dict(contract="tts", candidate="local/piper", margins={"tts.clipping": 1}),
        dict(contract="tts", candidate="flite slt", base="nobody", margins={"tts.clipping": 1}),
        dict(contract="video", candidate="flite slt", margins={"a": 1}),
        dict(contract="tts", candidate="flite slt", baseline="old", margins={"tts.clipping": 1}),
    ])
    def test_upgrade(film_bench, asked):
        film_bench.gate(**asked)
    """
    result = run(repository, test)
    result.assert_outcomes(failed=6)
    result.stdout.fnmatch_lines([
        "no rule is given, so nothing can fail",
        "*'local/flit'*",
        "*did you mean*local/flite*",
        "which arm does local/piper replace?",
        "the baseline has no arm 'nobody'",
        "the baseline has no 'video'",
        "there is no baseline 'old'",
        "*baselines: main*",
    ])  # fmt: skip
    assert "Traceback" not in result.stdout.str()


@pytest.mark.slow
def test_workers_share_the_store(repository):
    """Under xdist: two tests at once, one store; neither takes what the other makes for its own."""
    rules(repository, **{"tts.clipping": 0.5})
    both = (
        RULED.format(candidate="flite slt", base="flite slt")
        + """
    @pytest.mark.film_bench(rules="gate.toml", candidate="local/espeak-ng")
    def test_another(film_bench):
        film_bench.gate("tts")
"""
    )
    run(repository, both, "-n", "2").assert_outcomes(passed=2)


def test_a_takes_time_goes_through_pytest_benchmark(repository):
    test = """
    def test_latency(film_bench, benchmark):
        film_bench.latency(benchmark, "tts", "local/flite", suite="few.toml")
"""
    (repository.path / "few.toml").write_text(
        'name = "few"\n[[tasks]]\ncontract = "tts"\ndataset = "film-lines"\nlanguages = ["en"]\nlimit = 3\n'
        'metrics = ["tts.clipping"]\n[[tasks.arms]]\nprovider = "local/flite"\n'
    )
    result = run(repository, test, "--benchmark-json=out.json")
    result.assert_outcomes(passed=1)
    data = json.loads((repository.path / "out.json").read_text())["benchmarks"][0]["stats"]
    with Store.reading(repository.path / "runs") as store:
        takes = results.read(store).takes
    assert data["rounds"] == 3
    assert sorted(data["data"]) == pytest.approx(sorted(takes["total_s"]))
