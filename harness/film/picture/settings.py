"""Which settings can be drawn, and which one a scene's heading asks for."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Literal

from filmbench.harness.film.picture import indoors, outdoors
from filmbench.harness.film.picture.colours import Light
from filmbench.harness.film.picture.scenery import Easel, Scenery
from filmbench.harness.film.picture.wardrobe import words_of
from filmbench.harness.film.screenplay import Action, Scene, Screenplay
from filmbench.harness.film.shot import Setting

Time = Literal["day", "dusk", "night", "dawn"]
PAINTERS: Mapping[str, Callable[[Easel], Scenery]] = {
    "shore": outdoors.shore,
    "pier": outdoors.pier,
    "street": outdoors.street,
    "hill": outdoors.hill,
    "field": outdoors.field,
    "garden": outdoors.garden,
    "forest": outdoors.forest,
    "room": indoors.room,
    "kitchen": indoors.kitchen,
    "attic": indoors.attic,
    "lamp-room": indoors.lamp_room,
    "station": indoors.station,
    "corridor": indoors.corridor,
    "vehicle": indoors.vehicle,
}
"""Every kind of setting that is drawn."""

OUTSIDE: Mapping[str, str] = {
    "pier": "pier jetty quay dock docks harbour harbor wharf marina deck boat ship raft",
    "shore": "shore beach coast sea seaside island cove bay cliff cliffs lighthouse ocean lake riverbank",
    "street": "street road alley town city village square market rooftop roof pavement downtown avenue lane bridge",
    "forest": "forest wood woods jungle grove trees woodland swamp park",
    "garden": "garden yard backyard porch courtyard orchard terrace house cottage farmhouse churchyard cemetery",
    "field": "field meadow farm desert plain prairie moor farmland vineyard playground",
    "station": "station platform railway",
    "hill": "hill hills mountain mountains valley path ridge slope top",
}
INSIDE: Mapping[str, str] = {
    "lamp-room": "lamp lantern-room lamp-room lighthouse observatory",
    "kitchen": "kitchen bakery cafe café diner restaurant pub bar tavern canteen galley",
    "attic": "attic loft shed barn workshop garage basement cellar cave tent hut cabin studio",
    "station": "station platform airport terminal hall church hangar warehouse factory gym theatre theater",
    "corridor": "corridor hallway passage stairs stairwell staircase hospital prison lift elevator tunnel school",
    "vehicle": "car train bus carriage taxi cab van truck plane airplane tram compartment cockpit subway",
    "room": "room bedroom livingroom study office library parlour house home apartment flat shop hotel class",
}
"""Words of a location and the kind they mean; the one named last in the heading decides, being the nearest place."""

TIMES: Mapping[Time, str] = {
    "night": "night midnight",
    "dusk": "dusk sunset evening twilight",
    "dawn": "dawn sunrise daybreak morning",
    "day": "day noon midday afternoon",
}


def setting(scene: Scene, before: Setting | None = None) -> Setting:
    """The setting that ``scene`` plays in; one whose heading says no time keeps that of the scene ``before``."""
    interior = scene.place == "INT"
    words = words_of(scene.location or scene.heading)
    about = [word for element in scene.elements if isinstance(element, Action) for word in words_of(element.text)]
    kinds = INSIDE if interior else OUTSIDE
    found = [kind for word in words for kind, known in kinds.items() if word in known.split()]
    kind = _room(words, found) if interior else (found[-1] if found else _of(about, kinds) or "hill")
    hour = next(
        (time for word in words_of(scene.time or "") for time, known in TIMES.items() if word in known.split()), None
    )
    spot = "-".join(words) or "nowhere"
    return Setting(
        id=f"{'int' if interior else 'ext'}-{spot}-{hour or (before.time if before else 'day')}",
        kind=kind,
        interior=interior,
        time=hour or (before.time if before else "day"),
        words=tuple(dict.fromkeys([*words, *about]))[:80],
        seed=zlib.crc32(spot.encode()) % 9973,
    )


def _room(words: list[str], found: list[str]) -> str:
    if "lighthouse" in words and not {"lamp", "lantern", "top"} & set(words):
        found = [kind for kind in found if kind != "lamp-room"]
    if found and found[-1] == "room" and "lamp-room" in found and "lamp" in words:
        return "lamp-room"
    return found[-1] if found else "room"


def _of(words: list[str], kinds: Mapping[str, str]) -> str | None:
    return next((kind for word in words for kind, known in kinds.items() if word in known.split()), None)


def settings(screenplay: Screenplay) -> dict[int, Setting]:
    """The setting of every scene, by its number; scenes in one place at one time share a setting's ``id``."""
    found: dict[int, Setting] = {}
    last: Setting | None = None
    for scene in screenplay.scenes:
        last = setting(scene, last)
        found[scene.number] = last
    return found


def scenery(place: Setting, light: Light, burn: float, seed: int) -> Scenery:
    """The planes of ``place``; a kind that is not known is a room or a hill."""
    painter = PAINTERS.get(place.kind) or PAINTERS["room" if place.interior else "hill"]
    return painter(Easel(place, light, burn, seed))
