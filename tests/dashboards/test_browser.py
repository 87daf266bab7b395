"""Every page in a real browser, on a desk's and a phone's screen; the viewer's clock; the password of a shared one.

``--screenshots FOLDER`` keeps a picture of every page.
"""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import pytest
from browser import resize
from served import served
from shown import ARMS, LINES

pytest.importorskip("streamlit", reason="needs the Python package streamlit")

PAGES = {"overview": "", "stage": "stage", "listen": "listen", "compare": "compare", "runs": "runs"}
LAST = {
    "overview": "What is missing",
    "stage": "Notes to these tables",
    "listen": "Keyboard",
    "compare": "Notes to this comparison",
    "runs": "What lets anyone repeat this run",
}
"""Words at the foot of each page."""
LIPS = "listen?task=" + quote("lipsync talking-face@1.0.0")
DRAWN = "listen?task=" + quote("editing/prompt drawn-shot@1.0.0")
STILL = """
const app = document.querySelector('[data-testid=stApp]');
return app?.getAttribute('data-test-script-state') === 'notRunning'
    && !document.querySelector('[data-testid=stSkeleton]')
    && document.querySelector('[data-testid=stMain]').innerText.includes(arguments[0]);
"""
# One finding is left out: the drawer that Streamlit makes of the pages on a phone says that it is open or shut, which
# a bare <section> may not; no setting changes it.
SCAN = """
const done = arguments[0];
const theirs = (rule, node) => rule.id === 'aria-allowed-attr' && node.html.startsWith('<section class="stSidebar');
axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa']}).then((found) =>
    done(found.violations.flatMap((rule) => rule.nodes.filter((node) => !theirs(rule, node)).map((node) =>
        [rule.impact, rule.id, node.html.slice(0, 300), node.failureSummary]))));
"""
VIEWER = "document.querySelector('.fb-viewer').viewer"


def until(chrome, script, *arguments):
    """What ``script`` gives once it gives something; a loaded machine may take long."""
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(chrome, 120, poll_frequency=0.2).until(lambda c: c.execute_script(script, *arguments))


def look(chrome, url, words):
    """Open a page and wait until it stands still with ``words`` in it."""
    chrome.get_log("browser")
    chrome.get(url)
    until(chrome, STILL, words)


def complaints(chrome):
    """What the console holds, but for Streamlit's own search for its server below the page's address."""
    entries = [entry["message"] for entry in chrome.get_log("browser") if entry["level"] == "SEVERE"]
    return [text for text in entries if "/_stcore/health" not in text and "/_stcore/host-config" not in text]


def ready(chrome, count):
    """Wait until the viewer's ``count`` media can be played."""
    state = f"return {VIEWER}?.films.filter((film) => film.medium.readyState >= 2).length >= arguments[0]"
    until(chrome, state, count)


@pytest.fixture
def keep(request):
    """Keeps a screenshot where the option asks for it."""
    folder = request.config.getoption("--screenshots")

    def save(chrome, name):
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            chrome.save_screenshot(str(Path(folder) / f"{name}.png"))

    return save


@pytest.fixture(scope="module")
def axe():
    """The accessibility scan, as a script."""
    found = find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        pytest.skip("needs the Python package axe-playwright-python")
    return Path(found.origin).with_name("axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_whole_and_open_to_all_on_desk_and_phone(name, chrome, address, axe, keep):
    chrome.set_script_timeout(120)
    for width, scheme in ((1280, "light"), (390, "dark")):
        feature = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", feature)
        resize(chrome, width, 2400)
        look(chrome, address + PAGES[name], LAST[name])
        if name == "listen":
            ready(chrome, 2)
        keep(chrome, f"{name}-{width}-{scheme}")
        assert not complaints(chrome)
        broken = "[data-testid=stException], [data-testid=stAlertContentError]"
        assert not chrome.execute_script("return document.querySelectorAll(arguments[0]).length", broken)
        assert chrome.execute_script("return document.documentElement.scrollWidth") <= width
        fetched = chrome.execute_script("return performance.getEntriesByType('resource').map((one) => one.name)")
        assert fetched and all(one.startswith((address, "data:", "blob:")) for one in fetched), fetched
        assert not chrome.execute_script("return document.querySelector('.fb-pane i, [data-testid=stMain] i')")
        chrome.execute_script(axe)
        grave = [one for one in chrome.execute_async_script(SCAN) if one[0] in ("serious", "critical")]
        assert not grave, grave
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_two_films_seek_and_step_together(chrome, demo_address, keep):
    resize(chrome, 1280, 2000)
    look(chrome, demo_address + LIPS, "Keyboard")
    ready(chrome, 5)
    times = f"return {VIEWER}.films.map((film) => film.medium.currentTime)"
    rate = chrome.execute_script(f"return {VIEWER}.fps")
    chrome.execute_script(
        "const slider = document.querySelector('.fb-bar input[type=range]'); slider.value = 1.2;"
        "slider.dispatchEvent(new Event('input'));"
    )
    settled = f"return {VIEWER}.films.every((film) => !film.medium.seeking)"
    until(chrome, settled)
    assert all(time == pytest.approx(1.2, abs=0.01) for time in chrome.execute_script(times))
    before = int(1.2 * rate + 1e-6)
    press(chrome, "ArrowRight")
    until(chrome, settled)
    assert {int(time * rate) for time in chrome.execute_script(times)} == {before + 1}
    press(chrome, "ArrowLeft")
    until(chrome, settled)
    assert {int(time * rate) for time in chrome.execute_script(times)} == {before}
    press(chrome, " ")
    until(chrome, f"return {VIEWER}.playing && {VIEWER}.time > 1.5")
    press(chrome, " ")
    until(chrome, settled)
    stopped = chrome.execute_script(times)
    assert max(stopped) - min(stopped) < 0.01 and not chrome.execute_script(f"return {VIEWER}.playing")
    keep(chrome, "films")
    assert not complaints(chrome)


def test_one_sound_is_heard_at_a_time_and_keys_choose_it(chrome, address):
    resize(chrome, 1280, 2000)
    look(chrome, f"{address}listen?line={LINES[0]}", "Keyboard")
    ready(chrome, 2)
    heard = f"return {VIEWER}.films.map((film) => !film.medium.muted)"
    assert chrome.execute_script(heard) == [True, False]
    press(chrome, "2")
    assert chrome.execute_script(heard) == [False, True]
    pressed = "return [...document.querySelectorAll('.fb-hear')].map((one) => one.getAttribute('aria-pressed'))"
    assert chrome.execute_script(pressed) == ["false", "true"]
    names = chrome.execute_script("return [...document.querySelectorAll('.fb-name')].map((one) => one.textContent)")
    assert sorted(names) == sorted(ARMS)


def test_differences_are_seen_and_a_link_keeps_the_view(chrome, demo_address, keep):
    resize(chrome, 1280, 2000)
    look(chrome, demo_address + DRAWN, "Keyboard")
    ready(chrome, 3)
    press(chrome, "d")
    bright = """
    const stage = document.querySelector('.fb-stage');
    const found = stage.getContext('2d').getImageData(0, 0, stage.width, stage.height).data;
    return found.reduce((sum, value, at) => sum + (at % 4 === 3 ? 0 : value), 0) / (found.length * 0.75);
    """
    pick = "const picks = document.querySelectorAll('.fb-picks select'); picks[arguments[0]].value = arguments[1];"
    pick += "picks[arguments[0]].dispatchEvent(new Event('change'));"
    names = chrome.execute_script(f"return {VIEWER}.panes.map((pane) => pane.name)")
    source, changed, same = names.index("Video"), names.index("Looks by rule"), names.index("floor: untouched")
    for place, chosen in ((0, source), (1, changed)):
        chrome.execute_script(pick, place, str(chosen))
    assert chrome.execute_script(bright) > 20
    keep(chrome, "difference")
    chrome.execute_script(pick, 1, str(same))
    assert chrome.execute_script(bright) < 1
    press(chrome, "o")
    chrome.execute_script(f"{VIEWER}.seek(0.5)")
    press(chrome, "l")
    link = until(chrome, "return location.search.includes('view=onion') && location.href")
    assert "t=0.500" in link and f"b={same}" in link and "task=editing" in link
    look(chrome, link, "Keyboard")
    ready(chrome, 3)
    state = f"return [{VIEWER}.view, {VIEWER}.time, {VIEWER}.b.name]"
    assert chrome.execute_script(state) == ["onion", 0.5, "floor: untouched"]
    assert not complaints(chrome)


def test_a_shared_dashboard_asks_for_its_password_and_then_shows_the_page(chrome, shown):
    from selenium.webdriver.common.keys import Keys

    password = "twelve long letters"
    with served(shown[0], "--share", FILMBENCH_DASHBOARD_PASSWORD=password) as address:
        for path in ("", "runs"):
            look(chrome, address + path, "Password")
            assert "espeak" not in chrome.execute_script("return document.body.innerText")
        chrome.find_element("css selector", "input[type=password]").send_keys("wrong", Keys.ENTER)
        until(chrome, STILL, "That is not the password.")
        field = chrome.find_element("css selector", "input[type=password]")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(password, Keys.ENTER)
        until(chrome, STILL, "What lets anyone repeat this run")


def press(chrome, key):
    chrome.execute_script(
        "document.dispatchEvent(new KeyboardEvent('keydown', {key: arguments[0], bubbles: true, composed: true}))", key
    )
