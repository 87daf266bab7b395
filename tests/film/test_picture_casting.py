"""Characters and settings out of a screenplay's words."""

from __future__ import annotations

from itertools import combinations

import pytest
from filmbench.harness.film.picture.casting import cast, difference
from filmbench.harness.film.picture.colours import named
from filmbench.harness.film.picture.settings import PAINTERS, setting, settings
from filmbench.harness.film.picture.wardrobe import worn
from filmbench.harness.film.screenplay import Action, Dialogue, Scene, Screenplay


def script(*actions: str, speakers: tuple[str, ...]) -> Screenplay:
    elements = (*map(Action, actions), *(Dialogue(f"1.{i + 1}", name, "Look.") for i, name in enumerate(speakers)))
    return Screenplay("Test", "en", (Scene(1, "EXT. PIER - NIGHT", elements, "EXT", "PIER", "NIGHT"),), 1.0)


def test_a_character_wears_what_its_introduction_says():
    looks = cast(
        script(
            "MARA (10), small in a yellow raincoat and a red scarf, runs along the pier. "
            "TOBY (8), freckles under a red wool hat, waits.",
            "The old keeper, AGNES, white hair in a bun, climbs up in a plum coat. Her glasses shine.",
            "Behind her comes BRUNO, a burly man with a black beard and a green sweater.",
            speakers=("MARA", "TOBY", "AGNES", "BRUNO"),
        )
    )
    mara, toby, agnes, bruno = (looks[name] for name in ("MARA", "TOBY", "AGNES", "BRUNO"))
    assert (mara.age, worn(mara).coat, mara.top, worn(mara).scarf, worn(mara).hat) == (
        "child",
        "raincoat",
        "yellow",
        "red",
        "hood",
    )
    assert (toby.age, worn(toby).hat, worn(toby).hat_colour, "freckles" in toby.wears) == (
        "child",
        "beanie",
        "red",
        True,
    )
    assert (agnes.gender, agnes.hair, worn(agnes).hair_style, worn(agnes).coat, agnes.top) == (
        "f",
        "silver",
        "bun",
        "coat",
        "plum",
    )
    assert worn(agnes).glasses
    assert (bruno.gender, worn(bruno).beard, bruno.hair, bruno.top, worn(bruno).coat) == (
        "m",
        True,
        "raven",
        "green",
        "sweater",
    )
    assert bruno.build > 1
    assert not worn(mara).beard, "each has its own"


@pytest.mark.parametrize(
    ("told", "age"),
    [
        ("ANN (72), tall", "old"),
        ("ANN, a girl of nine", "child"),
        ("ANN, 34, a nurse", "adult"),
        ("ANN, an old woman", "old"),
        ("ANN, an elderly neighbour", "old"),
        ("ANN walks in", "adult"),
        ("ANN, a 12-year-old", "child"),
    ],
)
def test_ages(told, age):
    assert cast(script(f"{told}.", speakers=("ANN",)))["ANN"].age == age


def test_any_two_of_a_crowd_differ_clearly_and_are_drawn_in_the_palette():
    looks = cast(script("A crowd.", speakers=tuple(f"GUEST {i}" for i in range(12))))
    assert min(difference(one, other) for one, other in combinations(looks.values(), 2)) > 2.0
    for look in looks.values():
        assert {look.skin, look.hair, look.top, look.legs} <= set(named())


def test_a_cast_is_the_same_again_and_another_with_another_seed():
    crowd = script("ANN and BOB wait.", speakers=("ANN", "BOB"))
    assert cast(crowd) == cast(crowd)
    assert cast(crowd) != cast(crowd, seed=1)


@pytest.mark.parametrize(
    ("place", "location", "kind"),
    [
        ("EXT", "HARBOUR PIER", "pier"),
        ("INT", "LIGHTHOUSE - LAMP ROOM", "lamp-room"),
        ("INT", "MILL HOUSE - KITCHEN", "kitchen"),
        ("INT", "CAR", "vehicle"),
        ("EXT", "OLD TOWN - STREET", "street"),
        ("EXT", "MARS", "hill"),
        ("INT", "SUBMARINE", "room"),
        ("EXT", "COTTAGE GARDEN", "garden"),
        ("INT", "SCHOOL CORRIDOR", "corridor"),
        ("EXT", "FOREST CLEARING", "forest"),
    ],
)
def test_the_kind_of_a_setting(place, location, kind):
    found = setting(Scene(1, f"{place}. {location}", (), place, location, "DUSK"))
    assert (found.kind, found.time, found.interior) == (kind, "dusk", place == "INT")
    assert found.kind in PAINTERS


def test_a_scene_without_a_time_keeps_the_last_ones_and_one_place_is_one_setting():
    scenes = tuple(
        Scene(i, "INT. ATTIC", (), "INT", "ATTIC", time)
        for i, time in enumerate(("NIGHT", None, "CONTINUOUS", "MORNING"), 1)
    )
    found = settings(Screenplay("Test", "en", scenes, 1.0))
    assert [found[i].time for i in (1, 2, 3, 4)] == ["night", "night", "night", "dawn"]
    assert found[1] == found[2] == found[3] != found[4]


def test_a_beard_and_he_tell_a_man_though_he_turns_to_her():
    looks = cast(
        script(
            "OTTO, 80, white beard, walks to the bench.",
            "Otto turns to her. Otto sits beside her. Otto looks at her.",
            "NINO, 9, waits. Nino walks up to her. Nino waves at her.",
            speakers=("OTTO", "NINO"),
        )
    )
    assert [looks[name].gender for name in ("OTTO", "NINO")] == ["m", "m"]
