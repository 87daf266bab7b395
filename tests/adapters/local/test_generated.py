"""Painted backgrounds and generated clips: what they hold, what they say of themselves, what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filmbench.harness import registry
from filmbench.harness.media.video import VideoClip, read
from filmbench.harness.protocols import LocalEngine, Refusal
from filmbench.harness.types import Arm, Artifact, Outcome, Request, Sample
from PIL import Image

HARBOUR = "A harbour at night with a lighthouse and sailboats"


class Bench:
    """Asks an engine once; gives its files."""

    def __init__(self, root: Path, media: Any) -> None:
        self.root, self.media, self.takes = root, media, 0

    def make(self, id: str, params: dict[str, Any] | None = None, take: int = 0, **inputs: Any) -> Any:
        engine = registry.providers().get(id)
        assert isinstance(engine, LocalEngine)
        contract = engine.spec.contracts[0]
        asked = {"prompt": HARBOUR, "size": "160x90"} | ({"seconds": "1", "fps": "8"} if contract == "video" else {})
        filled = {name: param.default for name, param in engine.spec.params.items()} | (params or {})
        given = {name: value for name, value in (asked | inputs).items() if value is not None}
        self.takes += 1
        folder = self.root / str(self.takes)
        folder.mkdir()
        return engine.render(
            Request(contract, Sample("s", "d", given), Arm(id, id, filled), {}, take=take), self.media, folder
        )

    def refused(self, id: str, outcome: Outcome, said: str, **asked: Any) -> None:
        with pytest.raises(Refusal, match=said) as caught:
            self.make(id, **asked)
        assert caught.value.outcome is outcome


@pytest.fixture
def bench(tmp_path: Path, studio: Any) -> Bench:
    return Bench(tmp_path, studio.media)


def pixels(made: tuple[Path, str], mode: str = "RGB") -> Any:
    assert made[1] == "image/png"
    return np.asarray(Image.open(made[0]).convert(mode))


def frames(made: tuple[Path, str]) -> list[Any]:
    assert made[1] == "video/mp4"
    return [frame.rgb.copy() for frame in read(made[0])]


# --- backgrounds -------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["cut-paper", "wash"])
@pytest.mark.parametrize("place", ["sky", "harbour", "hills", "street", "room", "forest"])
def test_a_painting_is_its_layers(bench, style, place):
    made = bench.make(
        "local/painter", {"style": style}, prompt=f"a {place} at dusk, a lantern, some mist", size="161x91"
    )
    whole = pixels(made["image"]).astype(np.float32)
    assert whole.shape == (91, 161, 3)
    assert whole.std() > 12
    painted = np.zeros_like(whole)
    for layer in made["layers"]:
        rgba = pixels(layer, "RGBA").astype(np.float32)
        painted += (rgba[..., :3] - painted) * (rgba[..., 3:] / 255)
    assert np.abs(painted - whole).max() <= 0.51
    assert len(made["layers"]) >= 6


def test_the_same_words_give_the_same_bytes_and_another_take_or_seed_another_picture(bench):
    for id in ("local/painter", "local/shader"):
        first, again = (bench.make(id)["image"][0].read_bytes() for _ in range(2))
        assert first == again
        assert bench.make(id, take=1)["image"][0].read_bytes() != first
        assert bench.make(id, {"seed": 5})["image"][0].read_bytes() != first


def test_the_hour_is_seen(bench):
    for id in ("local/painter", "local/shader"):
        night, day = (pixels(bench.make(id, prompt=f"hills at {hour}")["image"]).mean() for hour in ("night", "noon"))
        assert day > night + 30


def test_the_palette_is_kept(bench):
    red = pixels(
        bench.make("local/painter", prompt="hills at dusk", palette="#200404 #701010 #b03030 #f0a060")["image"]
    )
    blue = pixels(
        bench.make("local/painter", prompt="hills at dusk", palette="#040420 #102070 #3050b0 #a0c0f0")["image"]
    )
    assert red[..., 0].mean() > 1.5 * red[..., 2].mean()
    assert blue[..., 2].mean() > 1.5 * blue[..., 0].mean()


def test_a_picture_says_that_a_machine_made_it_and_what_it_left_out(bench):
    made = bench.make("local/painter", prompt="a harbour at night with a lighthouse and three camels")
    said = Image.open(made["image"][0]).text["Comment"]
    assert said.startswith("machine-made; understood: sea, night")
    assert "lighthouse" in said
    assert said.endswith("not understood: camels")
    assert "not drawn: boats, lighthouse" in Image.open(bench.make("local/shader")["image"][0]).text["Comment"]


def test_unknown_places_are_unsupported_and_the_known_ones_named(bench):
    bench.refused(
        "local/painter", Outcome.UNSUPPORTED, "the places known are sky.*sea.*forest", prompt="a spaceship bridge"
    )
    bench.refused("local/shader", Outcome.UNSUPPORTED, "cannot paint a city.*hills", prompt="a street at night")


@pytest.mark.parametrize(
    "id", ["local/painter", "local/shader", "local/floor-background", "local/procedural", "local/plates"]
)
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"prompt": "  "}, "prompt is empty"),
        ({"prompt": "?!"}, "prompt is empty"),
        ({"size": "huge"}, "no size"),
        ({"size": "0x90"}, "out of bounds"),
        ({"size": "90000x90000"}, "out of bounds"),
        ({"size": "4096x4096"}, "out of bounds"),
        ({"size": None}, "no size was given"),
    ],
)
def test_bad_requests_are_invalid(bench, id, asked, said):
    bench.refused(id, Outcome.INVALID, said, **asked)


def test_a_bad_palette_is_invalid(bench):
    bench.refused("local/painter", Outcome.INVALID, "'red' is no colour", palette="red blue")


@pytest.mark.parametrize(("fill", "spread"), [("flat", 0.0), ("noise", 70.0)])
def test_floors_hold_nothing(bench, fill, spread):
    made = pixels(bench.make("local/floor-background", {"fill": fill}, prompt="anything at all")["image"])
    assert made.shape == (90, 160, 3)
    assert made.std() == pytest.approx(spread, abs=5)


# --- clips -------------------------------------------------------------------------------------------


@pytest.fixture
def image(tmp_path: Path, studio: Any) -> Any:
    rng = np.random.default_rng(0)
    small = Image.fromarray(rng.integers(0, 256, (18, 32, 3), np.uint8)).resize((320, 180), Image.Resampling.BICUBIC)
    small.save(tmp_path / "first.png")
    return studio.media.add(tmp_path / "first.png", "image/png")


CLIPS = [
    ("local/procedural", {}, {}),
    ("local/plates", {}, {"prompt": "a sea at dusk"}),
    ("local/parallax", {}, {"image": True}),
    ("local/floor-video", {"show": "still"}, {}),
    ("local/floor-video", {"show": "noise"}, {}),
]


@pytest.mark.parametrize(("id", "params", "inputs"), CLIPS)
def test_a_clip_is_as_asked_twice_the_same_and_says_who_made_it(bench, image, id, params, inputs):
    inputs = inputs | ({"image": image} if "image" in inputs else {})
    asked = {"size": "129x71", "seconds": "0.75", "fps": "12", **inputs}
    made, again = (bench.make(id, params, **asked)["video"] for _ in range(2))
    assert made[0].read_bytes() == again[0].read_bytes()
    clip = VideoClip(Artifact("0" * 64, *reversed((1, made[1]))), made[0])
    assert (clip.facts.width, clip.facts.height, clip.facts.frames) == (129, 71, 9)
    assert clip.facts.fps == pytest.approx(12)
    import av

    with av.open(str(made[0])) as container:
        assert container.metadata["comment"].startswith("machine-made")


@pytest.mark.parametrize(("id", "params", "inputs"), CLIPS)
def test_what_moves_moves_and_the_still_stands(bench, image, id, params, inputs):
    inputs = inputs | ({"image": image} if "image" in inputs else {})
    first, *_, last = frames(bench.make(id, params, **inputs)["video"])
    change = np.abs(first.astype(int) - last).mean()
    assert change < 0.5 if params.get("show") == "still" else change > 1.0


@pytest.mark.parametrize(("id", "with_image"), [("local/procedural", False), ("local/parallax", True)])
@pytest.mark.parametrize(("side", "sign"), [("left", 1), ("right", -1)])
def test_a_pan_moves_the_picture_the_other_way(bench, image, id, with_image, side, sign):
    import cv2

    prompt = f"hills at noon, the camera pans {side}"
    shown = frames(bench.make(id, prompt=prompt, seconds="1.5", **({"image": image} if with_image else {}))["video"])
    greys = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (shown[4], shown[7])]
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(*greys, None)
    assert sign * float(flow[45:, :, 0].mean()) > 0.3


def test_pushing_in_enlarges(bench, image):
    import cv2

    shown = frames(bench.make("local/parallax", prompt="push in", image=image, seconds="2")["video"])
    greys = [cv2.cvtColor(shown[i], cv2.COLOR_RGB2GRAY) for i in (5, 9)]
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(*greys, None)
    assert float(flow[:, 110:, 0].mean()) > 0.15 > -0.15 > float(flow[:, :50, 0].mean())


def test_what_engines_do_not_understand_is_unsupported_and_says_what_they_know(bench, image):
    refused, unsupported = bench.refused, Outcome.UNSUPPORTED
    refused(
        "local/procedural",
        unsupported,
        "does not understand fox, trots; it knows",
        prompt="a fox trots along a forest path",
    )
    refused("local/procedural", unsupported, "the places known are", prompt="a baker kneads dough")
    refused("local/procedural", unsupported, "words only", image=image)
    refused(
        "local/plates",
        unsupported,
        "cannot show lighthouse",
        prompt="a sea with a lighthouse".replace("lighthouse", "lighthouse"),
    )
    refused("local/plates", unsupported, "cannot show dragons", prompt="dragons over a campfire")
    refused("local/plates", unsupported, "and fire", prompt="a room at night")
    refused("local/parallax", unsupported, "needs an image")
    refused("local/floor-video", unsupported, "no image was given", prompt="a baker kneads dough")


@pytest.mark.parametrize("id", ["local/procedural", "local/plates", "local/parallax", "local/floor-video"])
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"seconds": "86400"}, "seconds are out of bounds"),
        ({"seconds": "0"}, "seconds are out of bounds"),
        ({"seconds": "nan"}, "no number of seconds"),
        ({"fps": "1000"}, "frames a second are out of bounds"),
        ({"fps": "fast"}, "no number of fps"),
        ({"size": "4096x2304", "seconds": "30", "fps": "60"}, "more than this engine makes"),
    ],
)
def test_absurd_clips_are_invalid(bench, image, id, asked, said):
    bench.refused(id, Outcome.INVALID, said, image=image, **asked)


@pytest.mark.parametrize(
    ("mode", "said"), [("RGBA", "partly transparent"), ("I;16", "HDR is not taken"), ("text", "not a picture")]
)
def test_images_that_cannot_be_set_in_motion_are_invalid(bench, studio, tmp_path, mode, said):
    file = tmp_path / "image.png"
    if mode == "text":
        file.write_bytes(b"no picture at all")
    elif mode == "RGBA":
        Image.fromarray(np.full((90, 160, 4), 100, np.uint8)).save(file)
    else:
        Image.fromarray(np.full((90, 160), 40_000, np.uint16)).save(file)
    bench.refused("local/parallax", Outcome.INVALID, said, image=studio.media.add(file, "image/png"))
