"""From a script to its cut: what must be on the screen, and never a jump cut."""

import pytest
from filmbench.harness.film.direction import direct
from filmbench.harness.film.screenplay import Action, Dialogue, Scene, Screenplay, Transition
from filmbench.harness.film.timeline import GRID
from filmbench.harness.types import UsageError

PIER, ROOM = "ext-pier-night", "int-lamp-room-night"
PLACES = {1: PIER, 2: ROOM}


def script(*first, second=()):
    scenes = [Scene(1, "EXT. PIER - NIGHT", tuple(first), "EXT", "PIER", "NIGHT")]
    if second:
        scenes.append(Scene(2, "INT. LAMP ROOM - NIGHT", tuple(second), "INT", "LAMP ROOM", "NIGHT"))
    return Screenplay("The Lamp", "en", tuple(scenes), 1.0, author="Nobody")


PLAY = script(
    Action("MARA walks along the pier with a lantern. TOBY sits on the bench."),
    Dialogue("1.1", "MARA", "The lamp has been dark for three nights."),
    Dialogue("1.2", "TOBY", "Then someone should light it.", ((0, "afraid"),)),
    Action("She gives him the lantern."),
    Dialogue("1.3", "TOBY", "Now?"),
    Transition("DISSOLVE TO:"),
    second=(
        Action("Toby opens the door."),
        Dialogue("2.1", "TOBY", "It is bigger than I thought, and it smells of oil.", ((0, "whispering"),)),
        Action("Toby lights the lamp."),
        Dialogue("2.2", "KEEPER", "Thank you.", (), "V.O."),
        Dialogue("2.3", "MARA", "Look!", ((0, "happy"),)),
        Dialogue("2.4", "TOBY", "Look!", dual=True),
    ),
)
SLOTS = {"1.1": 2.5, "1.2": 1.8, "1.3": 0.6, "2.1": 5.0, "2.2": 1.2, "2.3": 0.7, "2.4": 0.9}


@pytest.fixture(scope="module")
def cut():
    return direct(PLAY, SLOTS, PLACES, credits=("The Lamp",), plate="open")


def shot(cut, id):
    return next(placed.shot for placed in cut.shots if placed.shot.id == id)


def test_the_same_script_and_lengths_give_the_same_cut(cut):
    assert direct(PLAY, SLOTS, PLACES, credits=("The Lamp",), plate="open") == cut


def test_no_two_neighbouring_shots_of_a_scene_have_one_framing_and_one_subject(cut):
    for one, other in zip(cut.shots, cut.shots[1:], strict=False):
        if one.shot.scene == other.shot.scene and not (one.shot.caption or other.shot.caption):
            before, after = one.shot.camera, other.shot.camera
            assert (before.framing, before.subject) != (after.framing, after.subject), other.shot.id


def test_a_scene_opens_wide_with_its_first_deeds(cut):
    opening = shot(cut, "1.opening")
    assert opening.camera.framing == "wide"
    assert [(beat.who, beat.deed) for beat in opening.beats] == [("MARA", "walk"), ("TOBY", "sit")]
    assert {one.character: one.holds for one in opening.cast} == {"MARA": "lantern", "TOBY": None}


def test_what_is_given_is_held_by_the_other_from_then_on_and_in_the_next_scene(cut):
    assert [beat.deed for beat in shot(cut, "1.action3").beats if beat.start >= 0] == ["give"]
    assert {one.character: one.holds for one in shot(cut, "1.3").cast} == {"MARA": None, "TOBY": "lantern"}
    assert {one.character: one.holds for one in shot(cut, "2.opening").cast}["TOBY"] == "lantern"


def test_who_sat_down_sits_until_something_is_done_about_it(cut):
    assert [(beat.who, beat.deed) for beat in shot(cut, "1.1").beats if beat.start < 0] == [("TOBY", "sit")]


def test_a_lines_slot_is_in_its_shot_and_the_film_counts_on_frames(cut):
    assert {line.line: line.slot for line in cut.lines} == SLOTS
    for line in cut.lines:
        placed = cut.shot_of(line.line)
        assert placed.start < line.start < placed.end
    for placed in cut.shots:
        assert round(placed.start * GRID, 3) == round(placed.start * GRID)
    assert cut.seconds == pytest.approx(sum(placed.shot.seconds for placed in cut.shots))


def test_the_end_of_a_long_line_is_seen_on_the_listener(cut):
    speaker, listener = cut.shot_of("2.1").shot, shot(cut, "2.1.reaction")
    assert speaker.camera.subject == "TOBY" and listener.camera.subject == "MARA"
    assert not listener.speaks
    line = next(line for line in cut.lines if line.line == "2.1")
    assert line.start + line.slot < next(p.end for p in cut.shots if p.shot.id == "2.1.reaction")


def test_who_is_only_heard_moves_no_mouth_and_who_speak_at_once_share_a_shot(cut):
    assert not cut.shot_of("2.2").shot.speaks
    both = cut.shot_of("2.3").shot
    assert cut.shot_of("2.4").shot is both
    assert {beat.who for beat in both.beats if beat.deed == "speak"} == {"MARA", "TOBY"}


def test_parentheticals_become_faces_and_a_dissolve_begins_the_next_scene(cut):
    assert {one.character: one.mood for one in shot(cut, "1.2").cast}["TOBY"] == "afraid"
    assert shot(cut, "2.opening").joining == "dissolve"


def test_a_lamp_that_is_lit_burns_from_then_on(cut):
    lighting = shot(cut, "2.action2")
    assert lighting.lit is not None and lighting.light == "moon"
    assert cut.shot_of("2.3").shot.light == "lamp"


def test_title_and_credits_stand_apart_from_the_scenes_over_the_plate(cut):
    first, last = cut.shots[0].shot, cut.shots[-1].shot
    assert first.caption == ("The Lamp", "by Nobody") and last.caption == ("The Lamp",)
    assert first.plate == last.plate == "open" and not first.cast and last.setting == PIER
    assert [chapter.title for chapter in cut.chapters] == ["Ext. Pier - Night", "Int. Lamp Room - Night"]


def test_chosen_scenes_only_and_a_scene_that_is_not_there():
    chosen = direct(PLAY, SLOTS, PLACES, scenes=(2,))
    assert {placed.shot.scene for placed in chosen.shots} == {2}
    with pytest.raises(UsageError, match="no scene 7"):
        direct(PLAY, SLOTS, PLACES, scenes=(7,))


def test_one_changed_line_changes_its_own_shots_only():
    other = direct(PLAY, {**SLOTS, "1.2": 2.6}, PLACES, credits=("The Lamp",), plate="open")
    before = {
        placed.shot.id: placed.shot for placed in direct(PLAY, SLOTS, PLACES, credits=("The Lamp",), plate="open").shots
    }
    changed = [placed.shot.id for placed in other.shots if before.get(placed.shot.id) != placed.shot]
    assert changed == ["1.2"]
