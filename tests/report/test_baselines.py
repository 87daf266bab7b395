"""A run frozen in one file: the same bytes again, the same comparison, and a sentence for what is broken."""

from __future__ import annotations

import io
import json
import shutil
import zipfile

import pytest
from filmbench.harness import baselines, results
from filmbench.harness.compare import compare
from filmbench.harness.store import Store
from filmbench.harness.types import UsageError
from shown import ARMS


@pytest.fixture
def store(shown, tmp_path):
    shutil.copytree(shown[0], tmp_path / "store")
    with Store.open(tmp_path / "store") as opened:
        yield opened


def test_reading_a_baseline_compares_as_the_run_does(store, shown):
    run = results.read(store, shown[1])
    saved = baselines.save(store, run, "main")
    frozen = baselines.read(saved.file)
    there = compare(run.takes, run.scores, run.metrics, *ARMS)
    here = compare(frozen.takes, frozen.scores, run.metrics, *ARMS)
    assert here == there
    assert frozen.suite == run.suite
    assert frozen.manifest == run.manifest


def test_the_same_run_gives_the_same_bytes_wherever_it_is_saved(store, shown, tmp_path):
    run = results.read(store, shown[1])
    named = baselines.save(store, run, "main", media=2)
    elsewhere = baselines.save(store, run, "main", media=2, file=tmp_path / "repository" / "main.filmbench")
    assert named.sha256 == elsewhere.sha256
    assert named.media == 4  # two lines, two voices
    with zipfile.ZipFile(elsewhere.file) as archive:
        for name in archive.namelist():
            if name.startswith("media/"):
                assert archive.read(name) == store.artifacts.find(name.removeprefix("media/")).read_bytes()


def test_a_baseline_is_found_by_name_and_by_file_listed_and_dropped(store, shown, tmp_path):
    run = results.read(store, shown[1])
    baselines.save(store, run, "main")
    carried = baselines.save(store, run, "carried", file=tmp_path / "carried.filmbench")
    assert baselines.find(store.folder, "main").stem == "main"
    assert baselines.find(store.folder, str(carried.file)) == carried.file
    assert [one.name for one in baselines.listed(store.folder)] == ["main"]
    baselines.drop(store.folder, "main")
    assert baselines.listed(store.folder) == ()
    with pytest.raises(UsageError, match="no baseline 'main'"):
        baselines.find(store.folder, "main")


@pytest.mark.parametrize("name", ["../evil", "a b", "", "Main"])
def test_a_name_is_no_path(store, shown, name):
    with pytest.raises(UsageError, match="cannot be called"):
        baselines.save(store, results.read(store, shown[1]), name)


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9, 0.999])
def test_a_file_cut_short_is_one_sentence(store, shown, tmp_path, keep):
    whole = baselines.save(store, results.read(store, shown[1]), "main", media=1).file.read_bytes()
    cut = tmp_path / "cut.filmbench"
    cut.write_bytes(whole[: int(keep * len(whole))])
    with pytest.raises(UsageError, match="cut short or no baseline"):
        baselines.read(cut)


def test_a_flipped_bit_anywhere_is_refused_or_changes_nothing(store, shown, tmp_path):
    whole = baselines.save(store, results.read(store, shown[1]), "main", media=1).file.read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        told = {name: archive.read(name) for name in archive.namelist()}
    bad = tmp_path / "bad.filmbench"
    refused = 0
    positions = [*range(0, len(whole), len(whole) // 150), *range(len(whole) - 200, len(whole))]
    for position in positions:
        flipped = bytearray(whole)
        flipped[position] ^= 1 << position % 8
        bad.write_bytes(flipped)
        try:
            baselines.read(bad)
        except UsageError as error:
            assert "damaged" in str(error) or "cut short" in str(error)
            refused += 1
        else:  # a date or a flag that says nothing of the content
            with zipfile.ZipFile(bad) as archive:
                assert {name: archive.read(name) for name in archive.namelist()} == told, position
    assert refused > 0.7 * len(positions)


def altered(file, target, change):
    """The same baseline with another head."""
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "baseline.json":
                head = json.loads(content)
                change(head)
                content = json.dumps(head).encode()
            new.writestr(name, content)
    return target


def test_a_newer_format_is_refused(store, shown, tmp_path):
    file = baselines.save(store, results.read(store, shown[1]), "main").file
    newer = altered(file, tmp_path / "newer.filmbench", lambda head: head.update(format=99))
    with pytest.raises(UsageError, match="newer filmbench"):
        baselines.read(newer)


def test_other_data_are_refused_by_the_line_that_differs(store, shown, tmp_path):
    run = results.read(store, shown[1])
    file = baselines.save(store, run, "main").file
    other = altered(
        file, tmp_path / "other.filmbench", lambda head: head["manifest"]["datasets"]["film-lines"].update(sha256="f00")
    )
    with pytest.raises(UsageError, match="the data differ: film-lines, sha256: f00 in"):
        baselines.older(store, run, None, str(other))


def test_other_signatures_are_refused_by_the_line_that_differs(store, shown, tmp_path):
    run = results.read(store, shown[1])
    run.scores.loc[run.scores["metric"] == "tts.clipping", "signature"] = "tts.clipping|another:0"
    file = baselines.save(store, run, "main").file
    with pytest.raises(UsageError, match=r"tts.clipping differs: tts.clipping\|another:0 in baseline main"):
        baselines.read(file)


def test_an_earlier_run_and_a_baseline_at_once_are_refused(store, shown):
    with pytest.raises(UsageError, match="an earlier run and a baseline are given"):
        baselines.older(store, results.read(store, shown[1]), shown[1], "main")
