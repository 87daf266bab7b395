"""The comparison as a page to send: whole in itself, both voices to listen to, strangers' words as text."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from browser import chromium, resize
from filmbench.harness import baselines, results
from filmbench.harness.cli import app
from filmbench.harness.store import Store
from filmbench.harness.types import UsageError
from selenium.webdriver.support.ui import WebDriverWait
from shown import ARMS
from typer.testing import CliRunner


@pytest.fixture
def store(shown, tmp_path):
    shutil.copytree(shown[0], tmp_path / "store")
    return tmp_path / "store"


def compare(store, *options):
    result = CliRunner().invoke(app, ["compare", *ARMS, "--margin", "tts.cer=1", "--store", str(store), *options])
    assert result.exit_code == 0, result.output or result.exception
    return result.output


def test_the_page_holds_the_verdict_the_tables_and_both_voices(store, tmp_path):
    compare(store, "-o", str(tmp_path / "out" / "page.html"))
    text = (tmp_path / "out" / "page.html").read_text(encoding="utf-8")
    assert text.count('<audio controls preload="none" src="data:audio/') == 4  # two lines of gains, two voices
    assert "Largest gains" in text
    assert "Character error rate" in text
    assert re.search(r'<p class="finding"><span class="label">Character error rate</span> \w+', text)
    assert "<i>" not in text  # a label is no markup
    assert "espeak &lt;i&gt;&amp;amp; co" in text
    assert re.search(
        r"default-src 'none'; media-src data:; img-src data:; style-src 'sha256-", text.replace("&#39;", "'")
    )
    assert "http" not in re.sub(r"<meta http-equiv|data:[^\"]+", "", text).lower()


def test_the_page_in_a_browser(store, tmp_path):
    compare(store, "-o", str(tmp_path / "page.html"))
    with chromium(tmp_path / "profile") as browser:
        for width in (1280, 390):
            resize(browser, width)
            browser.get((tmp_path / "page.html").as_uri())
            assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        players = "document.querySelectorAll('audio')"
        browser.execute_script(f"{players}[0].preload = 'auto'; {players}[0].load()")
        WebDriverWait(browser, 20).until(lambda b: b.execute_script(f"return {players}[0].readyState >= 2"))
        assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


@pytest.mark.parametrize("suffix", ["md", "csv", "json"])
def test_the_same_in_other_formats(store, tmp_path, suffix):
    compare(store, "-o", str(tmp_path / f"out.{suffix}"))
    text = (tmp_path / f"out.{suffix}").read_text(encoding="utf-8")
    if suffix == "json":
        assert json.loads(text)["candidate"]["arm"] == "flite slt"
    else:
        assert "Character error rate" in text


def test_an_unknown_format_is_refused_before_anything_is_done(store, tmp_path):
    result = CliRunner().invoke(app, ["compare", *ARMS, "--store", str(store), "-o", str(tmp_path / "out.pdf")])
    assert isinstance(result.exception, UsageError)
    assert ".html" in result.exception.hint


def test_media_that_travelled_with_a_baseline_are_played(shown, store, tmp_path):
    """On a machine that has the candidate's media only, the base is heard from the baseline's file."""
    with Store.open(store) as opened:
        found = results.read(opened, shown[1])
        saved = baselines.save(opened, found, "main", media=3, file=tmp_path / "main.filmbench")
    takes = found.takes
    spoken = set(takes.loc[takes["arm"] == ARMS[0], "artifact"])
    for sha256 in spoken:
        (store / "artifacts" / sha256[:2] / sha256[2:4] / sha256).unlink()
    without = compare(store, "-o", str(tmp_path / "without.html"))
    assert without
    compare(store, "--baseline", str(saved.file), "-o", str(tmp_path / "with.html"))
    count = {name: (tmp_path / f"{name}.html").read_text().count("<audio") for name in ("without", "with")}
    assert count == {"without": 2, "with": 4}
