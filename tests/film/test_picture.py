"""The picture: the same shot twice, and what each thing that a shot says changes in it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from typing import get_args

import numpy as np
import pytest
from acting import scene
from filmbench.harness.film.picture import captions, colours
from filmbench.harness.film.picture.camera import thing_at
from filmbench.harness.film.picture.captured import captured
from filmbench.harness.film.picture.figure import LEFT, RIGHT
from filmbench.harness.film.picture.finish import GRAIN, joined
from filmbench.harness.film.picture.frames import Design, Studio, count, frames
from filmbench.harness.film.picture.mouths import lips
from filmbench.harness.film.picture.settings import PAINTERS
from filmbench.harness.film.shot import Beat, Camera, Deed, Look, Mood, Mouth, Presence, Setting, Shot
from filmbench.harness.media.faces import LOWER_LIP, UPPER_LIP, FaceFinder, height_of
from filmbench.harness.types import UsageError

INSIDE = ("room", "kitchen", "attic", "lamp-room", "station", "corridor", "vehicle")
MARA = Look("MARA", "child", "f", "umber", "raven", "yellow", "navy", ("yellow raincoat", "hood", "red scarf"), seed=3)
AGNES = Look("AGNES", "old", "f", "peach", "silver", "plum", "grey", ("plum coat", "glasses", "bun hair"), seed=8)
SAM = Look("SAM", "adult", "m", "peach", "straw", "slate", "walnut", ("slate overalls",), seed=2)
DESIGN = Design(
    {look.name: look for look in (MARA, AGNES, SAM)},
    {kind: Setting(kind, kind, kind in INSIDE, "night", (), 3) for kind in PAINTERS},
)
SIGNS = "həlomaɹapepəbotmunwikænsi"
LINE = Mouth("1.1", 2.4, tuple((sign, i * 0.1, (i + 1) * 0.1) for i, sign in enumerate(SIGNS[:24])))
TWO = (Presence("MARA", 0.40, "right", holds="red lantern"), Presence("SAM", 0.52, "left"))
SMALL = {"width": 320, "height": 180, "fps": 8.0}


def shot(seconds: float = 1.0, camera: Camera | None = None, **facts) -> Shot:
    return Shot("s", 1, seconds, facts.pop("setting", "pier"), camera or Camera("wide"), **facts)


def studio(of: Shot, design: Design = DESIGN, mouths=None, width: int = 320, height: int = 180) -> Studio:
    return Studio(of, design, mouths or {}, width, height, 1)


def test_a_seed_gives_its_bytes_and_no_other_seed_does():
    said = shot(
        cast=TWO, beats=(Beat(0.1, 0.9, "MARA", "speak", "SAM", "1.1"),), light="lantern", caption=("Title", "words")
    )
    first, again, other = (
        [frame.tobytes() for frame in frames(said, DESIGN, {"1.1": LINE}, seed=seed, **SMALL)] for seed in (1, 1, 2)
    )
    assert first == again
    assert all(one != two for one, two in zip(first, other, strict=True))


@pytest.mark.parametrize(("seconds", "fps", "expected"), [(1.0, 8.0, 8), (0.51, 24.0, 12), (0.01, 24.0, 1)])
def test_frames_have_the_size_and_number_asked_for(seconds, fps, expected):
    made = list(frames(shot(seconds), DESIGN, {}, width=200, height=150, fps=fps))
    assert len(made) == count(shot(seconds), fps) == expected
    assert {(frame.shape, frame.dtype.str) for frame in made} == {((150, 200, 3), "|u1")}


def test_a_shot_that_asks_for_what_is_not_there_is_refused():
    for wrong, said in (
        (shot(cast=(Presence("NOBODY", 0.5, "front"),)), "no look"),
        (replace(shot(), setting="moon"), "no setting"),
        (shot(plate="sea"), "plate"),
    ):
        with pytest.raises(UsageError, match=said):
            next(frames(wrong, DESIGN, {}, **SMALL))


def _apertures(of: Shot, times) -> list[float]:
    drawn = studio(of, mouths={"1.1": LINE}, width=640, height=360)
    found = []
    with closing(FaceFinder(most=1)) as finder:
        for i, time in enumerate(times):
            faces = finder.find(drawn.frame(time, i))
            assert faces, f"no face at {time:.2f} s"
            found.append(float(np.linalg.norm(faces[0][UPPER_LIP] - faces[0][LOWER_LIP])) / height_of(faces[0]))
    return found


def test_a_mouth_opens_with_its_phonemes_and_is_shut_while_another_speaks():
    times = np.arange(0.2, 2.5, 0.09)
    close = Camera("close", "SAM")
    own = shot(3.0, close, cast=(Presence("SAM", 0.4, "right"),), beats=(Beat(0.1, 2.5, "SAM", "speak", None, "1.1"),))
    seen = _apertures(own, times)
    assert np.corrcoef(seen, [lips(LINE, time - 0.1).open for time in times])[0, 1] > 0.9
    assert max(seen) > 0.08
    others = replace(
        own, beats=(Beat(0.1, 2.5, "MARA", "speak", "SAM", "1.1"),), cast=(*own.cast, Presence("MARA", 0.9, "left"))
    )
    assert max(_apertures(others, times[::4])) < 0.02


def test_lips_are_shut_on_p_b_and_m():
    for sign, start, end in LINE.phonemes:
        middle = lips(LINE, (start + end) / 2).open
        assert (middle == 0.0) == (sign in "pbm"), sign
    assert lips(LINE, -1.0).open == lips(LINE, 9.0).open == 0.0


def test_a_prop_that_is_given_leaves_one_hand_and_is_in_the_other():
    drawn = studio(shot(2.0, cast=TWO, beats=(Beat(0.2, 1.8, "MARA", "give", "SAM"),), light="lantern"))
    plan, cast = drawn.blocking, {actor.name: actor for actor in drawn.cast}
    assert plan.held("MARA", 0.3) == ["red lantern"]
    assert plan.held("SAM", 0.3) == []
    assert plan.held("MARA", 1.9) == []
    assert plan.held("SAM", 1.9) == ["red lantern"]
    for time, who in ((0.0, "MARA"), (2.0, "SAM")):
        x, _ = thing_at(plan, cast, "red lantern", time)
        assert abs(x - plan.tracks[who].place(time)) < cast[who].figure.arm * 1.3
    before, after = drawn.frame(0.0, 0), drawn.frame(2.0, 0)
    halves = [frame[:, : 320 * 46 // 100].astype(int).sum() / frame.astype(int).sum() for frame in (before, after)]
    assert halves[1] < halves[0], "its light goes with it"


def test_what_is_put_down_stays_and_what_is_taken_goes_along():
    beats = (Beat(0.0, 1.0, "MARA", "put", 0.6), Beat(1.2, 2.2, "SAM", "take", "red lantern"))
    drawn = studio(shot(3.0, cast=TWO, beats=beats))
    assert drawn.blocking.things["red lantern"].spot(1.0) == pytest.approx(0.6 * 1280)
    assert drawn.blocking.held("SAM", 2.5) == ["red lantern"]


@pytest.mark.parametrize("motions", [{}, {"walk": "walk"}], ids=["keyframed", "captured"])
def test_a_walk_moves_the_body_and_alternates_the_feet(motions):
    design = replace(DESIGN, motions={deed: scene(name, frames=25).truth for deed, name in motions.items()})
    walk = shot(3.0, cast=(Presence("SAM", 0.2, "right"),), beats=(Beat(0.2, 2.8, "SAM", "walk", 0.75),))
    actor = studio(walk, design).cast[0]
    moments = [actor.at(t) for t in np.arange(0.5, 2.5, 0.04)]
    places = [moment.x for moment in moments]
    assert np.all(np.diff(places) > 0)
    assert places[-1] - places[0] > 400
    apart = [m.pose.joints.legs[LEFT][2][0] - m.pose.joints.legs[RIGHT][2][0] for m in moments]
    assert np.count_nonzero(np.diff(np.sign(apart))) >= 4, "the feet pass each other"
    assert max(apart) > 25
    assert min(apart) < -25
    assert actor.at(0.0).x == pytest.approx(0.2 * 1280)
    assert actor.at(3.0).x == pytest.approx(0.75 * 1280)


def test_the_keyframed_foot_that_stands_does_not_slide():
    walk = shot(3.0, cast=(Presence("SAM", 0.2, "right"),), beats=(Beat(0.2, 2.8, "SAM", "walk", 0.75),))
    actor = studio(walk).cast[0]
    steps = [actor.at(t) for t in np.arange(1.0, 2.0, 0.02)]
    slides, moved = [], []
    for one, two in pairwise(steps):
        low = max((LEFT, RIGHT), key=lambda side: one.pose.joints.legs[side][2][1])
        slides.append(abs(two.x + two.pose.joints.legs[low][2][0] - one.x - one.pose.joints.legs[low][2][0]))
        moved.append(two.x - one.x)
    assert np.median(slides) < 0.25 * np.median(moved)


def test_a_captured_motion_is_read_as_its_own_limbs():
    take = captured(scene("walk", frames=25).truth)
    hands = np.array([posture.near_hand for posture in take.postures])
    feet = np.array([(posture.near_foot[0], posture.far_foot[0]) for posture in take.postures])
    assert np.linalg.norm(hands, axis=1).max() < 1.15
    assert np.corrcoef(feet.T)[0, 1] < -0.5, "one foot forward, the other back"
    assert take.cycle[1] - take.cycle[0] >= 0.6 * take.fps


@pytest.mark.parametrize("deed", [deed for deed in get_args(Deed) if deed != "speak"])
def test_every_deed_draws_something_of_its_own(deed):
    cast = (
        Presence("SAM", 0.45, "right", holds="letter" if deed in ("give", "put", "open") else None),
        Presence("AGNES", 0.62, "left"),
    )
    target = {
        "walk": 0.2,
        "turn": "left",
        "give": "AGNES",
        "take": "cup",
        "put": 0.5,
        "look": 0.0,
        "sit": None,
        "open": None,
    }
    done = shot(
        2.0,
        cast=cast,
        props=(("cup", 0.5), ("candle", 0.52)),
        beats=(Beat(0.2, 1.8, "SAM", deed, target.get(deed, "candle")),),
    )
    still = replace(done, beats=())
    one, other = (studio(of).frame(1.1, 0).astype(int) for of in (done, still))
    assert (np.abs(one - other).max(axis=2) > 24).sum() > 20


def test_every_mood_has_a_face_of_its_own():
    faces = {}
    for mood in get_args(Mood):
        close = shot(1.0, Camera("close", "SAM"), cast=(Presence("SAM", 0.5, "right", mood),))
        faces[mood] = studio(close).frame(0.3, 0).astype(int)
    moods = list(faces)
    for i, one in enumerate(moods):
        for other in moods[i + 1 :]:
            assert (np.abs(faces[one] - faces[other]).max(axis=2) > 24).sum() > 150, (one, other)


def _outside(frame, hour: str) -> float:
    """How far the farthest pixel lies outside the convex hull of the hour's palette, in levels of 255."""
    from scipy.spatial import ConvexHull

    planes = ConvexHull(np.array(colours.every(hour)) * 255).equations
    pixels = np.unique(frame.reshape(-1, 3), axis=0)
    return float((pixels @ planes[:, :3].T + planes[:, 3]).max())


@pytest.mark.parametrize("kind", PAINTERS)
def test_every_setting_draws_in_the_palette(kind):
    pictures = []
    for hour, light in (("night", "lamp"), ("day", "sun")):
        design = replace(DESIGN, settings={kind: replace(DESIGN.settings[kind], time=hour)})
        drawn = studio(shot(1.0, setting=kind, cast=TWO, light=light), design, width=256, height=144)
        pictures.append(drawn.frame(0.5, 0))
        assert _outside(pictures[-1], hour) <= 3 * GRAIN + 3
        assert pictures[-1].std() > 12, "not an empty sheet"
    assert np.abs(pictures[0].astype(int) - pictures[1]).mean() > 15


@pytest.mark.parametrize("framing", ["wide", "full", "medium", "close", "over-shoulder", "insert"])
def test_every_framing_shows_its_subject(framing):
    subject = "red lantern" if framing == "insert" else "SAM"
    drawn = studio(shot(1.0, Camera(framing, subject), cast=TWO, light="lantern"))
    view = drawn.operator.view(0.5)
    x = (
        thing_at(drawn.blocking, {a.name: a for a in drawn.cast}, subject, 0.5)[0]
        if framing == "insert"
        else 0.52 * 1280
    )
    assert abs(x - view.x) * view.zoom < 1280 * 0.36
    assert drawn.frame(0.5, 0).std() > 12


def test_light_comes_on_inside_a_shot():
    drawn = studio(shot(3.0, setting="lamp-room", cast=TWO, light="lamp", lit=1.0))
    dark, lit = drawn.frame(0.9, 0).astype(int), drawn.frame(2.5, 0).astype(int)
    assert lit.mean() > dark.mean() * 1.3
    assert (lit[..., 0] - lit[..., 2]).mean() > (dark[..., 0] - dark[..., 2]).mean() + 20, "and it is warm"


def test_a_camera_that_pushes_closes_in_and_one_that_pans_goes_right():
    still, push, pan = (
        studio(shot(2.0, Camera("medium", "SAM", **move), cast=TWO)).operator
        for move in ({}, {"push": 0.2}, {"pan": 0.2})
    )
    assert still.view(0.0) == still.view(2.0)
    assert push.view(2.0).zoom == pytest.approx(push.view(0.0).zoom / 0.8)
    assert pan.view(2.0).x - pan.view(0.0).x == pytest.approx(0.2 * 1280 / pan.view(0.0).zoom)


def test_captions_cross_nobody():
    lines = ("The Lamp Room", "A film of paper", "Voices: Kokoro")
    for cast in (
        TWO,
        (Presence("SAM", 0.25, "right"),),
        (Presence("AGNES", 0.5, "front"), Presence("SAM", 0.8, "left")),
    ):
        drawn = studio(shot(3.0, cast=cast, caption=lines))
        _, box = drawn.title
        assert [box.meets(one) for one in drawn.taken()] == [0.0] * len(drawn.taken())
        with_words, without = (
            studio(replace(drawn.shot, caption=said)).frame(1.8, 0).astype(int) for said in (lines, ())
        )
        bright = np.argwhere((with_words - without).max(axis=2) > 60)
        assert len(bright) > 60
        assert bright[:, 1].min() >= box.left - 2
        assert bright[:, 1].max() <= box.right + 2
        assert bright[:, 0].min() >= box.top - 2
        assert bright[:, 0].max() <= box.bottom + 2


def test_captions_say_which_font_they_are_set_in():
    assert captions.family()
    if captions.family() != captions.FAMILY:
        pytest.skip(f"{captions.FAMILY} is not installed; captions are set in {captions.family()}")


def test_a_plate_stands_behind_and_its_last_frame_holds():
    red = np.zeros((90, 160, 3), np.uint8)
    red[..., 0] = 200
    green = np.roll(red, 1, axis=2)
    made = list(frames(shot(0.5, cast=TWO, plate="sea"), DESIGN, {}, plates={"sea": [red, green]}, **SMALL))
    assert made[0][10:60].mean(axis=(0, 1)).argmax() == 0
    assert all(frame[10:60].mean(axis=(0, 1)).argmax() == 1 for frame in made[1:])


def test_shots_are_joined_without_a_frame_more_or_less():
    def grey(level: int, number: int):
        return [np.full((4, 6, 3), level, np.uint8) for _ in range(number)]

    shots = [("cut", grey(200, 6)), ("dissolve", grey(100, 8)), ("fade", grey(160, 8)), ("cut", grey(50, 3))]
    levels = [int(frame.mean()) for frame in joined(iter(shots), 4)]
    assert len(levels) == 25
    assert levels[:6] == [200] * 6
    assert levels[6] > levels[7] > levels[8] > levels[9] > 100 == levels[10], "what was goes as what is comes"
    assert levels[11] == 100 > levels[12] > levels[13], "into the dark"
    assert levels[14] < levels[15] < levels[16] == 160, "and out of it"
    assert levels[22:] == [50] * 3
