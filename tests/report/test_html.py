"""The report as strangers get it: one whole file that shows, tells and plays, whatever the words in it."""

import base64
import io
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile
from browser import chromium, resize
from filmbench.harness import results
from filmbench.harness.leaderboard import leaderboard
from filmbench.harness.media import proxy
from filmbench.harness.media.decode import BadMedia, decode
from filmbench.harness.report import charts, html, listening, provenance
from filmbench.harness.store import Store, schema
from filmbench.harness.types import UsageError
from shown import ARMS, LINES

SECOND_BYTES = proxy.SECOND_BYTES["audio"] * html.BASE64
"""What a second of sound takes in the page."""


class Page(HTMLParser):
    """Every element with its attributes, and all text outside style and script."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.words, self.inside = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.inside.append(tag)

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if not {"style", "script"} & set(self.inside):
            self.words.append(data)

    def all(self, tag):
        return [attributes for found, attributes in self.elements if found == tag]

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def report(shown):
    folder, run = shown
    with Store.open(folder) as store:
        return html.write(store, results.read(store, run))


@pytest.fixture(scope="module")
def page(report):
    return Page(report.read_text(encoding="utf-8"))


def test_writing_the_results_writes_the_report_too(shown):
    folder, run = shown
    with Store.open(folder) as store:
        written = results.write(store, results.read(store, run))
    assert written["report.html"] == folder / run / "report.html"
    assert set(written) == {"table.md", "table.csv", "table.json", "report.html", "levels.parquet"}


def test_a_folder_that_cannot_be_written_ends_in_a_sentence(shown, tmp_path):
    folder, run = shown
    other = tmp_path / "copy"
    shutil.copytree(folder, other, ignore=shutil.ignore_patterns(run))
    (other / run).write_text("in the way")
    with Store.open(other) as store, pytest.raises(UsageError, match="cannot be written"):
        results.write(store, results.read(store, run))


def test_the_report_is_one_file_that_fetches_nothing(page, report):
    for tag, attributes in page.elements:
        for name in ("src", "href", "srcset", "action", "poster", "data", "xlink:href"):
            address = attributes.get(name)
            assert address is None or address.startswith(("data:audio/ogg;base64,", "#")), (tag, name, address[:80])
    assert not page.all("link") and not page.all("iframe") and not page.all("object")
    style = re.search(r"<style>(.*?)</style>", report.read_text(encoding="utf-8"), re.DOTALL)[1]
    assert "url(" not in style and "@import" not in style
    policy = next(m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; media-src data:;") and "unsafe" not in policy


def test_the_report_tells_what_was_measured_where_and_by_whom(page, shown):
    for fact in (
        *("Voices <b>to show</b>", "film-lines@1.0.0", "CC0-1.0", "5 good of 6 planned", "$0.00", shown[1]),
        *(
            "Character error rate (%) ↓",
            "Loudness (LUFS)",
            "Real-time factor",
            "$ per finished minute",
            "no human reference",
        ),
        *("The listener is part of the number", "lower is better", "GPL-3.0-or-later (program)", "BSD-like (CMU)"),
        *("Everything else here was made by a machine", "espeak-ng 1.", "sha256", "unsupported", "does not speak es"),
        *("no human reference", "every word as written"),
    ):
        assert fact in page.text, fact
    for column in ("total_s", "first_content_s", "billed_usd", "made_at", "model_load_s"):
        assert column not in page.text, column
    players = page.all("audio")
    assert len(players) == 5 and all(player["preload"] == "none" and "controls" in player for player in players)
    assert all(player["aria-label"] for player in players)


def test_words_of_strangers_stay_words(page):
    assert not page.all("img") and not page.all("i") and not page.all("b")
    assert ARMS[0] in page.text and "<img src=x onerror=alert(1)>" in page.text


def test_equal_ledgers_give_equal_bytes(report, shown, tmp_path):
    before = report.read_bytes()
    folder, run = shown
    other = tmp_path / "copy"
    shutil.copytree(folder, other)
    shutil.rmtree(other / "proxies", ignore_errors=True)
    with Store.open(other) as store:
        assert html.write(store, results.read(store, run)).read_bytes() == before


def test_a_lost_medium_is_told_and_the_rest_still_plays(shown, tmp_path):
    folder, run = shown
    other = tmp_path / "copy"
    shutil.copytree(folder, other)
    shutil.rmtree(other / "proxies", ignore_errors=True)
    with Store.open(other) as store:
        found = results.read(store, run)
        store.artifacts.find(found.takes["artifact"].dropna().iloc[0]).unlink()
        page = Page(html.render(store, found, found.boards()))
    assert len(page.all("audio")) == 4
    assert "cannot be played: the media" in page.text


def test_recordings_without_a_licence_stay_out(shown, tmp_path, monkeypatch):
    folder, run = shown
    other = tmp_path / "copy"
    shutil.copytree(folder, other)
    with Store.open(other) as store:
        voice = schema.planned.c.arm == ARMS[1]
        store.ledger.write_now(lambda c: c.execute(schema.planned.update().where(voice).values(role="reference")))
        found = results.read(store, run)
        assert len(Page(html.render(store, found, found.boards())).all("audio")) == 5
        unknown = provenance.Data("film-lines@1.0.0", "", None, "")
        monkeypatch.setattr(provenance, "data", lambda store, suite: (unknown,))
        page = Page(html.render(store, found, found.boards()))
    assert len(page.all("audio")) == 3 and "kept out of this file" in page.text


def test_too_much_sound_is_cut_to_the_first_and_the_worst_lines(shown):
    folder, run = shown
    with Store.open(folder) as store:
        found = results.read(store, run)
        seconds = found.takes.groupby("sample")["seconds"].sum()
        room = (2 * seconds[LINES[0]] + 0.1) * SECOND_BYTES
        page = Page(html.render(store, found, found.boards(), int(room)))
    assert "2 of 3 lines are here" in page.text
    shown_lines = [element["aria-label"] for element in page.all("section") if element.get("class") == "line"]
    assert shown_lines == [f"Line {LINES[0]}", f"Line {LINES[2]}"]


def test_half_of_the_room_goes_to_the_first_lines_and_half_to_the_worst():
    lines = [listening.Heading(f"s{number}", "text", 10.0, float(number)) for number in range(10)]
    assert [one.sample for one in listening.choose(lines, 40)] == ["s0", "s1", "s8", "s9"]
    assert listening.choose(lines, 100) == tuple(lines)
    assert listening.choose(lines, 5) == ()


def test_every_planned_take_has_its_card(studio, metrics):
    takes, scores = studio.frames()
    board = leaderboard(takes, scores.assign(detail=None), metrics)
    lines = listening.lines(board, takes, scores.assign(detail=None), set(takes["sample"]))
    assert sum(len(one.takes) for one in lines) == len(takes)
    first = lines[0].takes
    assert (first[0].arm, first[0].marks) == ("person", ("reference",))
    assert (first[-1].arm, first[-1].marks) == ("silence", ("floor",))
    late = next(take for take in first if take.arm == "late")
    assert (late.outcome, late.counts, late.playable) == ("not made yet", False, False)
    failed = next(take for take in lines[3].takes if take.arm == "flaky")
    assert failed.counts and failed.reason.startswith("HTTP 500: [bold]oops[/bold] | xxx")
    figures = {figure.title: (figure.text, figure.reason) for figure in first[0].others}
    assert figures["PESQ"] == ("–", "free speech has no reference of its own")
    assert figures["Loudness"] == ("–", "not scored")


def test_lines_are_as_bad_as_the_worst_that_a_voice_made_of_them(studio, metrics):
    takes, scores = studio.frames()
    lines = {one.sample: one for one in listening.headings(leaderboard(takes, scores, metrics), takes, scores)}
    assert lines["s03"].badness == np.inf  # flaky failed there
    rates = scores[scores["metric"] == "tts.cer"].merge(takes[["key", "sample", "role"]], on="key")
    worst = rates[(rates["sample"] == "s01") & (rates["role"] == "arm")]["value"].max()
    assert lines["s01"].badness == pytest.approx(worst)


def test_what_was_heard_is_set_against_the_script():
    found = listening.compared("the vault opens at six", "the mouth opens six times")
    assert [(word.text, word.kind) for word in found] == [
        ("the", "same"),
        ("vault", "missing"),
        ("mouth", "added"),
        ("opens", "same"),
        ("at", "missing"),
        ("six", "same"),
        ("times", "added"),
    ]


@pytest.mark.parametrize(
    ("ranks", "says"),
    [
        ({}, "Nothing has been measured yet."),
        (
            {"steady": (1, 1), "flaky": (2, 2)},
            "steady has the lowest character error rate of 2 arms at 95 % confidence.",
        ),
        ({"steady": (1, 2), "flaky": (1, 2)}, "The 2 arms cannot be told apart on character error rate at 95 %"),
        ({"steady": (1, 2), "flaky": (1, 3), "late": (2, 3)}, "cannot be told apart at the top"),
        ({"steady": (1, 1)}, "steady is the only arm measured"),
    ],
)
def test_the_headline_says_no_more_than_the_ranks(studio, metrics, ranks, says):
    from dataclasses import replace

    board = leaderboard(*studio.frames(), metrics)
    rows = tuple(replace(row, rank=ranks.get(row.arm)) for row in board.rows)
    assert says in charts.finding(replace(board, rows=rows))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("2.5 [0.0, 4.3]", ("2.5", "[0.0, 4.3]")),
        ("−3.1 [−4.0, −2.2] n 1,200", ("−3.1", "[−4.0, −2.2] n 1,200")),
        ("3.69 n 3", ("3.69", "n 3")),
        ("0.42 (≤ 0.61)", ("0.42", "(≤ 0.61)")),
        ("n too small", ("n too small", "")),
        ("≥ $0.10", ("≥ $0.10", "")),
        ("–", ("–", "")),
    ],
)
def test_values_stand_apart_from_their_intervals_so_that_both_align(text, cell):
    assert charts._cell(text) == cell


def test_intervals_stand_where_their_scale_says(studio, metrics):
    board = leaderboard(*studio.frames(), metrics)
    plot = charts.plots(board)[0]
    assert plot.title == "Character error rate (%) ↓" and plot.better == "← better"
    low, high = (float(plot.ticks[place][1].removesuffix(" %")) for place in (0, -1))
    dot = next(dot for dot in plot.dots if dot.arm == "flaky")
    found = board.row("flaky").values["tts.cer"]
    for place, value in ((dot.at, found.value), (dot.low, found.low), (dot.high, found.high)):
        assert low + place / 100 * (high - low) == pytest.approx(value, abs=(high - low) / 5000)
    silence = next(dot for dot in plot.dots if dot.arm == "silence (floor)")
    assert silence.off and silence.at == 100  # 50 %, far beyond the voices


def sound(tmp_path, level, seconds=3.0, rate=16_000):
    """Speech-like noise in a WAV file."""
    import soundfile

    rng = np.random.default_rng(0)
    time = np.arange(int(seconds * rate)) / rate
    samples = level * rng.normal(size=len(time)) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * time))
    file = tmp_path / f"{level}-{seconds}.wav"
    soundfile.write(file, np.clip(samples, -1, 1), rate, subtype="FLOAT")
    return file


@pytest.mark.parametrize("level", [0.2, 0.01, 0.001])
def test_players_are_of_one_loudness(tmp_path, level):
    import pyloudnorm

    copy = tmp_path / "copy.ogg"
    copy.write_bytes(proxy.encode(sound(tmp_path, level), "audio/wav").data)
    decoded = decode(copy)
    loudness = pyloudnorm.Meter(decoded.rate, filter_class="DeMan").integrated_loudness(decoded.samples.astype(float))
    assert loudness == pytest.approx(-23, abs=0.5)
    assert decoded.samples.shape[1] == 1 and decoded.seconds == pytest.approx(3.0, abs=0.02)


def test_a_player_never_clips_and_leaves_alone_what_has_no_loudness(tmp_path):
    import soundfile

    click = np.zeros(48_000, np.float32)
    click[::6000] = 0.02
    file = tmp_path / "click.wav"
    soundfile.write(file, click, 48_000, subtype="FLOAT")
    assert np.abs(proxy._levelled(proxy._mono(file))).max() <= proxy.PEAK + 1e-6
    short = sound(tmp_path, 0.05, seconds=0.2)
    assert np.array_equal(proxy._levelled(proxy._mono(short)), proxy._mono(short))


def test_a_proxy_is_made_once_says_what_it_is_and_refuses_what_is_no_sound(tmp_path):
    import av

    source = sound(tmp_path, 0.1)
    made = proxy.kept(tmp_path / "kept", "ab" * 32, "audio/wav", source, "machine-made speech")
    with av.open(io.BytesIO(made.data)) as container:
        assert container.streams.audio[0].metadata["comment"] == "machine-made speech"
    source.unlink()
    assert proxy.kept(tmp_path / "kept", "ab" * 32, "audio/wav", source) == made
    text = tmp_path / "text.wav"
    text.write_text("no sound")
    with pytest.raises(BadMedia):
        proxy.kept(tmp_path / "kept", "cd" * 32, "audio/wav", text)
    assert [file.name for file in (tmp_path / "kept").iterdir()] == [f"{'ab' * 32}-{proxy.REVISION}.ogg"]


def test_the_sound_in_the_page_is_the_take(page, shown):
    folder, run = shown
    with Store.open(folder) as store:
        takes = results.read(store, run).takes
    lengths = sorted(takes["seconds"].dropna())
    heard = []
    for player in page.all("audio"):
        data = base64.b64decode(player["src"].split(",", 1)[1])
        file = folder.parent / "heard.ogg"
        file.write_bytes(data)
        heard.append(decode(file).seconds)
    assert sorted(heard) == pytest.approx(lengths, abs=0.02)
    room = sum(len(player["src"]) for player in page.all("audio"))
    assert room == pytest.approx(sum(lengths) * SECOND_BYTES, rel=0.05)  # what the cap on a report counts on


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as chrome:
        yield chrome


def wait(chrome, condition):
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(chrome, 20).until(lambda c: c.execute_script(f"return {condition}"))


def test_the_report_plays_in_a_browser_one_at_a_time_by_keyboard(browser, report):
    from selenium.webdriver.common.keys import Keys

    resize(browser, 1280)
    browser.get(report.as_uri())
    takes = browser.find_elements("css selector", ".line:nth-of-type(1) .take")
    names = [take.find_element("tag name", "h4").text for take in takes]
    takes[0].send_keys(Keys.SPACE)
    players = "[...document.querySelectorAll('audio')]"
    wait(browser, f"{players}[0].currentTime > 0.1")
    duration, state = browser.execute_script(f"return [{players}[0].duration, {players}[0].readyState]")
    assert 1 < duration < 20 and state >= 2, names
    browser.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    wait(browser, f"{players}[1].currentTime > 0.1")
    assert browser.execute_script(f"return {players}.filter((player) => !player.paused).length") == 1
    assert browser.execute_script("return document.activeElement === document.querySelectorAll('.take')[1]")
    browser.switch_to.active_element.send_keys(Keys.SPACE)
    wait(browser, f"{players}.every((player) => player.paused)")
    browser.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    assert browser.execute_script(
        f"return document.activeElement.closest('.line').getAttribute('aria-label') === 'Line {LINES[1]}'"
    )
    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_the_screen_and_runs_no_words(browser, report, width):
    resize(browser, width)
    browser.get(report.as_uri())
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert browser.find_element("css selector", "[data-language=es]").get_attribute("textContent") == "Spanish"
    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def test_the_same_sound_made_by_many_at_once_is_kept_once(tmp_path):
    """Takes of equal content share a proxy, and the report makes proxies side by side."""
    source = tmp_path / "tone.wav"
    soundfile.write(source, np.sin(np.arange(48_000) / 20) * 0.3, 16_000)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: proxy.kept(tmp_path / "proxies", "ab" * 32, "audio/wav", source), range(24)))
    assert len(set(made)) == 1
    assert [file.suffix for file in (tmp_path / "proxies").iterdir()] == [".ogg"]
