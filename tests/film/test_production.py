"""The production whole, on real engines: a kill loses nothing, one line changed asks for one take, the gates hold."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import av
import pytest
from filmbench.harness import runner
from filmbench.harness.film import formats, production, render, voices
from filmbench.harness.film.production import Order
from filmbench.harness.film.stages import Stages
from filmbench.harness.store import Store

SCRIPT = """Title: Two Words
Author: Nobody

INT. ROOM - NIGHT

MARA, 40, red coat, looks at the clock.

MARA
Who is there?

MARA
(happy)
Nobody.
"""
TINY = render.Format(160, 90, 12)
FOLDER = Path(str(files("filmbench.harness.film"))) / "scripts"


class Told(runner.Silent):
    """Keeps what a production says."""

    def __init__(self):
        self.shots = []
        self.takes = 0

    def made(self, label, outcome):
        self.takes += 1

    def step(self, name, total):
        pass

    def shot(self, name, drawn):
        self.shots.append((name, drawn))


def pieces(script, store, lengths):
    """The pieces of a film of ``script`` without its sound: what the renderer is asked for."""
    from filmbench.harness.film.direction import direct

    looks, places = production._designed(script)
    settings = {number: setting.id for number, setting in places.items()}
    timeline = direct(script, lengths, settings)
    design = render.Design(looks, {one.id: one for one in places.values()}, {}, {})
    found = production._pieces(timeline, {"en": {}}, design, TINY, 0)["en"]
    return [replace(piece, shot=replace(piece.shot, seconds=0.5, lit=None)) for piece in found]


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "two.fountain"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


RENDERS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from filmbench.harness.film import formats, render
from filmbench.harness.store import Store
from importlib.machinery import SourceFileLoader

if __name__ == "__main__":
    asked = SourceFileLoader("asked", sys.argv[4]).load_module()
    with Store.open(Path(sys.argv[1])) as store:
        wanted = asked.pieces(formats.read(Path(sys.argv[2])), store, {"1.1": 1.0, "1.2": 0.8})
        render.Renderer(store, lambda piece, drawn: print(piece.shot.id, flush=True), workers=1).render(wanted)
"""


def test_a_render_that_is_killed_goes_on_and_draws_nothing_twice(tmp_path, script):
    program = tmp_path / "renders.py"
    program.write_text(RENDERS, encoding="utf-8")
    command = [
        sys.executable,
        str(program),
        str(tmp_path / "store"),
        str(script),
        str(Path(__file__).parent.parent),
        __file__,
    ]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    done = [child.stdout.readline().strip() for _ in range(2)]
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    assert all(done)
    with Store.open(tmp_path / "store") as store:
        told = Told()
        wanted = pieces(formats.read(script), store, {"1.1": 1.0, "1.2": 0.8})
        found = render.Renderer(store, lambda piece, drawn: told.shot(piece.shot.id, drawn)).render(wanted)
        there = [name for name, drawn in told.shots if not drawn]
        assert set(done) <= set(there) and len(told.shots) == len(wanted)
        assert any(drawn for _, drawn in told.shots)
        again = render.Renderer(store, lambda piece, drawn: told.shot(piece.shot.id, drawn)).render(wanted)
        assert {key: one.artifact for key, one in again.items()} == {key: one.artifact for key, one in found.items()}
        assert not any(one.fresh for one in again.values())


def test_the_same_seed_draws_the_same_bytes_and_a_shot_that_is_lost_is_drawn_again(tmp_path, script):
    made = []
    for folder in ("one", "two"):
        with Store.open(tmp_path / folder) as store:
            wanted = pieces(formats.read(script), store, {"1.1": 1.0, "1.2": 0.8})[:2]
            found = render.Renderer(store, lambda piece, drawn: None).render(wanted)
            made.append([found[piece.key].artifact.sha256 for piece in wanted])
            if folder == "two":
                store.artifacts.path(found[wanted[0].key].artifact).unlink()
                again = render.Renderer(store, lambda piece, drawn: None).render(wanted)
                assert [again[piece.key].fresh for piece in wanted] == [True, False]
    assert made[0] == made[1]


def test_one_changed_line_asks_for_one_take_and_redraws_its_own_shots(tmp_path, script):
    before = formats.read(script)
    script.write_text(SCRIPT.replace("Nobody.", "Only me."), encoding="utf-8")
    after = formats.read(script)
    with Store.open(tmp_path / "store") as store:
        counts, keys = [], []
        for one in (before, after):
            told = Told()
            stages = Stages(store, told)
            lines = [production._line(speech, "en", speech.text) for speech in one.speeches]
            read = voices.speak(stages, "local/kokoro", lines, {("MARA", "en"): "af_heart"}, ["en"])
            counts.append(told.takes)
            lengths = {id: reading.seconds for id, reading in read["en"].items()}
            assert all(reading.timing == "exact" and reading.mouth.phonemes for reading in read["en"].values())
            keys.append({piece.shot.id: piece.key for piece in pieces(one, store, lengths)})
        assert counts == [2, 1]
        spoken = {"1.2"}
        assert {id for id in keys[0] if keys[0][id] != keys[1].get(id)} <= spoken


@pytest.mark.slow
def test_the_excerpt_passes_its_gates_without_network_and_without_a_key(tmp_path, monkeypatch):
    out = tmp_path / "out"
    with Store.open(tmp_path / "store") as store:
        made = production.produce(store, Order(FOLDER / "excerpt.fountain", out), Told())
        failed = [gate for gate in made.gates if gate.passed is False]
        assert not failed, failed
        again = production.produce(store, Order(FOLDER / "excerpt.fountain", out), Told())
        assert again.drawn == 0 and again.total.paid_usd == 0
    with av.open(str(out / "film.mp4")) as film:
        assert len(film.streams.audio) == len(film.streams.subtitles) == 2
    shots = json.loads((out / "provenance.json").read_text(encoding="utf-8"))["shots"]
    assert all(one["picture"]["by_language"]["es"]["sha256"] for one in shots)


@pytest.mark.slow
def test_the_whole_film_passes_its_gates(tmp_path):
    begun = time.monotonic()
    with Store.open(tmp_path / "store") as store:
        made = production.produce(store, Order(FOLDER / "late-train.fountain", tmp_path / "out"), Told())
    assert 90 <= made.seconds <= 150, f"{made.seconds:.1f} s, made in {time.monotonic() - begun:.0f} s"
    assert made.passed, [gate for gate in made.gates if gate.passed is False]


def test_the_command_reads_scenes_swaps_and_refuses_what_it_cannot():
    from filmbench.harness.cli.film import bundled, numbers, swapped
    from filmbench.harness.types import UsageError

    assert numbers("1,4-6") == (1, 4, 5, 6) and numbers(None) == () and bundled().is_file()
    with pytest.raises(UsageError):
        numbers("one")
    order = Order(Path("x"), Path("out"))
    two = swapped(order, "tts=local/kokoro,local/piper")
    assert [(one.tts, one.out.name) for one in two] == [
        ("local/kokoro", "local-kokoro"),
        ("local/piper", "local-piper"),
    ]
    with pytest.raises(UsageError):
        swapped(order, "sound=a,b")
