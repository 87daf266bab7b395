"""Files made by hand become an arm: asked for by a template, matched, probed, scored, shown beside the others."""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import av
import cv2
import handmade as hand
import numpy as np
import pytest
from filmbench.harness.media import timeline
from filmbench.harness.media.video import VideoClip
from PIL import Image

PALETTE = ("background.palette_distance", "background.size_error")
SHOTS = ("sea-1", "hills-1")
ARMS = """
[[tasks.arms]]
provider = "local/floor-background"
label = "floor: flat colour"
params = { fill = "flat" }
"""


def painted(file: Path, prompt: Path, shade: int = 0) -> None:
    """A picture in the sample's own palette."""
    colours = [tuple(bytes.fromhex(one[1:])) for one in (prompt / "palette.txt").read_text().split()]
    rows = [np.full((90, 640, 3), colour, np.uint8) for colour in colours]
    Image.fromarray(np.clip(np.concatenate(rows).astype(int) + shade, 0, 255).astype(np.uint8)).save(file)


def filled(sheet: Path, **cells: dict[str, Any]) -> None:
    """Fill in lines of a template's sheet, by sample."""
    rows = list(csv.DictReader(io.StringIO(sheet.read_text(encoding="utf-8-sig"))))
    for row in rows:
        row.update(cells.get(row["sample"].replace("-", "_"), {}))
    with sheet.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def stills(tmp_path: Path) -> Path:
    """A suite of two places, and its template."""
    hand.suite(tmp_path, "background", "background-prompts@1.0.0", PALETTE, ARMS, f"samples = {list(SHOTS)}\n")
    said = hand.done("import", "--template", "suite.toml", "-o", "stills", at=tmp_path)
    assert "2 samples to make in stills" in said
    return tmp_path


def test_a_picture_from_template_to_report(stills):
    folder = stills / "stills"
    readme = (folder / "README.md").read_text()
    assert "`sea-1/image.png`" in readme and "640x360" in readme and "--suite suite.toml" in readme
    assert "harbour" in (folder / "sea-1/given/prompt.txt").read_text()
    painted(folder / "sea-1/image.png", folder / "sea-1/given")
    (folder / "bill.txt").write_text("one month")
    typed = {
        "vendor": "Midjourney", "model": "v7", "operator": "Ann", "started": "2026-11-20", "finished": "2026-11-21",
        "human_minutes": "12.5", "takes_made": "8", "takes_kept": "2", "cost_usd": "0.40", "evidence": "bill.txt",
        "licence": "terms of Midjourney, read 2026-11",
    }  # fmt: skip
    filled(folder / "manifest.csv", sea_1=typed)
    rows = hand.table(stills, "import", "stills", "--as", "Midjourney v7", "--suite", "suite.toml")
    made = rows["Midjourney v7"]
    assert (made["provider"], made["planned"], made["ok"]) == ("by-hand/midjourney", 2, 1)
    assert made["success"]["value"] == 0.5, "what never came stays in the denominator"
    assert [(one["outcome"], one["reason"]) for one in made["failures"]] == [
        ("not_supplied", "no file was imported for it")
    ]
    assert (made["cost"]["human_minutes"], made["cost"]["billed"], made["cost"]["per_good_take"]) == (12.5, 0.4, 0.4)
    assert hand.values(made)["background.size_error"] == 0
    assert made["answered_models"] == ["Midjourney v7"]
    floor = rows["floor: flat colour"]
    assert floor["made"] == 0, "an import asks nobody"

    done = hand.table(stills, "run", "suite.toml")
    assert set(done) == {"floor: flat colour"}, "the suite itself names no arm made by hand"
    again = hand.table(stills, "import", "stills", "--as", "Midjourney v7", "--suite", "suite.toml")
    near, flat = (hand.values(again[arm])["background.palette_distance"] for arm in (made["arm"], "floor: flat colour"))
    assert near is not None and flat is not None and near < flat, "the one made of the palette is nearer to it"
    report = max((stills / "runs").glob("*/report.html"), key=lambda file: file.stat().st_mtime).read_text()
    for words in ("Human work (min)", "12.5", "worked by Ann", "terms of Midjourney, read 2026-11", "not supplied"):
        assert words in report
    compared = hand.done("compare", "floor: flat colour", "Midjourney v7", "--json", at=stills)
    assert "background.palette_distance" in compared
    gated(stills)


def gated(at: Path) -> None:
    """What a person made may be the candidate: what never came counts against it, and its hours are no latency."""
    for rules, code, said in (
        ("[limits]\nsuccess_points = 5\n", 6, "good takes -50.0 points, may fall by 5, n 2: inconclusive"),
        ("[limits]\nlatency_ratio = 1.5\n", 3, "no take of the candidate was timed"),
    ):
        (at / "gate.toml").write_text("minimum_samples = 2\n" + rules)
        command = ("gate", "floor: flat colour", "Midjourney v7", "--rules", "gate.toml", "--strict")
        ended = hand.filmbench(*command, at=at)
        assert (ended.returncode, said in ended.stdout) == (code, True), ended.stdout + ended.stderr


@pytest.mark.slow
def test_the_same_files_are_the_same_takes(stills):
    folder = stills / "stills"
    (folder / "manifest.csv").unlink()
    for name in SHOTS:
        painted(folder / f"{name}.png", folder / name / "given")
    command = ("import", "stills", "--as", "Sketch", "--suite", "suite.toml")
    assert "2 of them new" in hand.filmbench(*command, at=stills).stderr
    first = hand.takes(stills)
    assert "0 of them new" in hand.filmbench(*command, at=stills).stderr
    assert hand.takes(stills) == first
    assert {take["epoch"] for take in first} == {0}

    (folder / "manifest.csv").write_text("sample;human_minutes\nsea-1;7,5\n")
    rows = hand.table(stills, *command)
    assert rows["Sketch"]["cost"]["human_minutes"] == 7.5, "what is typed in later is no new take"
    assert {take["epoch"] for take in hand.takes(stills)} == {0}
    assert rows["Sketch"]["provider"] == "by-hand/other"
    board = hand.done("table", at=stills)
    assert "≥ 7.5" in board, "one of two takes tells its minutes"

    painted(folder / "sea-1.png", folder / "sea-1/given", shade=9)
    (folder / "hills-1.png").unlink()
    rows = hand.table(stills, *command)
    assert rows["Sketch"]["ok"] == 2, "what came before stays"
    assert sorted(take["epoch"] for take in hand.takes(stills)) == [0, 0, 1], "another picture is another take"


@pytest.mark.slow
def test_several_takes_beside_one_of_the_others(stills):
    folder = stills / "stills"
    for take, shade in ((1, 0), (2, 4)):
        painted(folder / f"sea-1/image.{take}.png", folder / "sea-1/given", shade)
    painted(folder / "hills-1.2.png", folder / "hills-1/given")
    hand.done("run", "suite.toml", at=stills)
    rows = hand.table(stills, "import", "stills", "--as", "Midjourney v7", "--run", "2")
    assert (rows["Midjourney v7"]["planned"], rows["Midjourney v7"]["ok"]) == (4, 3)
    assert (rows["floor: flat colour"]["planned"], rows["floor: flat colour"]["ok"]) == (2, 2)


@pytest.mark.slow
def test_an_arm_that_waits_for_its_files(stills):
    named = '[[tasks.arms]]\nprovider = "by-hand/midjourney"\nlabel = "Midjourney v7"\n'
    hand.suite(stills, "background", "background-prompts@1.0.0", PALETTE, ARMS + named, f"samples = {list(SHOTS)}\n")
    plan = hand.done("plan", "suite.toml", at=stills)
    assert "by import only (its terms forbid automation): filmbench import --template SUITE" in plan
    before = hand.table(stills, "run", "suite.toml", "--cap", "1")["Midjourney v7"]
    assert before["success"]["value"] == 0 and before["failures"][0]["outcome"] == "not_supplied"
    painted(stills / "stills/sea-1.png", stills / "stills/sea-1/given")
    after = hand.table(stills, "import", "stills", "--as", "Midjourney v7", "--suite", "suite.toml")["Midjourney v7"]
    assert (after["planned"], after["ok"]) == (2, 1)
    assert hand.table(stills, "run", "suite.toml")["Midjourney v7"]["ok"] == 1, "the next run shows it too"


# --- exchange files ------------------------------------------------------------------------------------


def exr(file: Path, alpha: Any) -> None:
    """A picture of floats with ``alpha`` (0..1) and black colours."""
    pixels = np.zeros((*alpha.shape, 4), np.float32)
    pixels[..., 3] = alpha
    encoder = av.CodecContext.create("exr", "w")
    encoder.height, encoder.width = alpha.shape
    encoder.pix_fmt, encoder.time_base = "gbrapf32le", Fraction(1, 24)
    frame = av.VideoFrame.from_ndarray(pixels, format="gbrapf32le")
    file.write_bytes(b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None))))


def sixteen_bits_of_alpha(file: Path, matte: Any) -> None:
    pixels = np.full((*matte.shape, 4), 40_000, np.uint16)
    pixels[..., 3] = matte.astype(np.uint16) * 257
    cv2.imwrite(str(file), pixels)


@pytest.mark.parametrize(
    ("ending", "write", "said"),
    [
        (".png", sixteen_bits_of_alpha, "matte from 6 PNG pictures, their alpha"),
        (".exr", lambda file, matte: exr(file, matte / 255.0), "matte from 6 EXR pictures, their alpha"),
    ],
)
def test_a_sequence_is_a_matte(tmp_path, ending, write, said):
    data = hand.dataset(tmp_path / "data", "editing/roto", [hand.roto_shot(tmp_path / "data")])
    hand.suite(tmp_path, "editing/roto", data, ("roto.j", "roto.mad"))
    (tmp_path / "ae/disc/matte").mkdir(parents=True)
    for frame in range(hand.FRAMES):
        write(tmp_path / f"ae/disc/matte/roto_{95 + frame:04d}{ending}", hand.disc(frame))
    row = hand.table(tmp_path, "import", "ae", "--as", "After Effects 26", "--suite", "suite.toml")["After Effects 26"]
    assert row["provider"] == "by-hand/after-effects"
    assert hand.values(row) == {"roto.j": 1.0, "roto.mad": 0.0}, "not a value of the matte is lost"
    (take,) = [take for take in hand.takes(tmp_path) if take["outcome"] == "ok"]
    assert take["reason"] == said


CUBE = 'TITLE "turned"\nLUT_3D_SIZE 2\n' + "".join(
    f"{blue} {green} {red}\n" for blue in (0, 1) for green in (0, 1) for red in (0, 1)
)
"""Red and blue change places."""


def colour_shot(folder: Path) -> str:
    folder.mkdir()
    frames = [np.random.default_rng(frame).integers(16, 235, (48, 64, 3), np.uint8) for frame in range(4)]
    hand.write_lossless(folder / "plain.mkv", frames, 24)
    hand.write_lossless(folder / "turned.mkv", [frame[..., ::-1] for frame in frames], 24)
    shot = {"video": folder / "plain.mkv", "look": folder / "turned.mkv"}
    return hand.dataset(
        folder, "editing/colour", [{"id": "a", "inputs": shot, "references": {"video": folder / "turned.mkv"}}]
    )


@pytest.mark.slow
def test_a_look_is_applied_to_the_shot(tmp_path):
    hand.suite(tmp_path, "editing/colour", colour_shot(tmp_path / "data"), ("colour.delta_e",))
    (tmp_path / "looks").mkdir()
    (tmp_path / "looks/a.cube").write_text(CUBE)
    row = hand.table(tmp_path, "import", "looks", "--as", "Premiere Pro", "--suite", "suite.toml")["Premiere Pro"]
    assert hand.values(row)["colour.delta_e"] == pytest.approx(0, abs=1e-6)
    (take,) = [take for take in hand.takes(tmp_path) if take["outcome"] == "ok"]
    assert take["reason"] == "the look a.cube (2³ points) applied to the shot by filmbench"
    film = VideoClip(*hand.kept(tmp_path, take, "video"))
    truth = np.random.default_rng(2).integers(16, 235, (48, 64, 3), np.uint8)[..., ::-1]
    assert (list(film.frames())[2].rgb == truth).all()


@pytest.mark.slow
def test_a_graded_film_in_prores(tmp_path):
    hand.suite(tmp_path, "editing/colour", colour_shot(tmp_path / "data"), ("colour.delta_e",))
    (tmp_path / "graded").mkdir()
    with av.open(str(tmp_path / "graded/a.mov"), "w") as container:
        stream = container.add_stream("prores_ks", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv422p10le"
        for index in range(4):
            grey = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90 + index, np.uint8), format="rgb24")
            grey.pts = index
            container.mux(stream.encode(grey.reformat(format="yuv422p10le")))
        container.mux(stream.encode(None))
    row = hand.table(tmp_path, "import", "graded", "--as", "Premiere Pro", "--suite", "suite.toml")["Premiere Pro"]
    assert row["ok"] == 1 and hand.values(row)["colour.delta_e"] > 5, "grey is not what it should be"


def true_cuts(name: str) -> Path:
    return Path(str(files("filmbench.datasets").joinpath(f"cut-speech/{name}.otio")))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "ending"), [("boat", ".otio"), ("mill", ".edl")])
def test_a_cut_list_is_carried_out(tmp_path, name, ending):
    """The true list gives the true cut; an EDL of a sound counts 25 a second, so it is off by so much at each cut."""
    hand.suite(tmp_path, "editing/cut", "cut-speech@1.0.0", ("cut.length_error",), more=f'samples = ["{name}"]\n')
    (tmp_path / "premiere").mkdir()
    file = tmp_path / f"premiere/{name}{ending}"
    spans = timeline.read_otio(true_cuts(name))
    if ending == ".otio":
        file.write_bytes(true_cuts(name).read_bytes())
    else:
        counted = tuple((round(25 * start), round(25 * end)) for start, end in spans)
        cuts = timeline.CutList(counted, Fraction(25), counted[-1][1], picture=True)
        assert timeline.write_edl(cuts, file, name)
    row = hand.table(tmp_path, "import", "premiere", "--as", "Premiere Pro", "--suite", "suite.toml")["Premiere Pro"]
    assert row["ok"] == 1
    error = hand.values(row)["cut.length_error"]
    assert error is not None and error <= (0.001 if ending == ".otio" else 0.04 * len(spans))
    (take,) = [take for take in hand.takes(tmp_path) if take["outcome"] == "ok"]
    assert take["reason"] == f"the recording cut by filmbench as {name}{ending} says"
    assert set(take["artifacts"]) >= {"cut", "timeline"}
    own = hand.kept(tmp_path, take, "timeline" if ending == ".otio" else "edl")[1]
    assert own.read_bytes() == file.read_bytes(), "the maker's own list is kept as it came"
