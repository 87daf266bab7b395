"""A film from a screenplay: voices, cut, plates, pictures, sound, the finished files, their cost and their quality.

Everything that takes long is kept in the store under its content, take by take and shot by shot: the same command given
again goes on where it stopped, and after a change makes anew only what the change touches.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from filmbench.harness import runner
from filmbench.harness.film import (
    bill,
    formats,
    master,
    motion,
    otio,
    plates,
    provenance,
    qc,
    sound,
    subtitles,
    translation,
)
from filmbench.harness.film.direction import direct
from filmbench.harness.film.plates import Plate
from filmbench.harness.film.render import FILM, PREVIEW, Design, Format, Piece, Renderer, Segment
from filmbench.harness.film.screenplay import Screenplay
from filmbench.harness.film.shot import Shot
from filmbench.harness.film.stages import Granted, Stages
from filmbench.harness.film.timeline import Timeline, slots
from filmbench.harness.film.voices import Line, Reading, cast_voices, speak
from filmbench.harness.store import Store
from filmbench.harness.types import UsageError

PLATE = "open"
STEPS = ("voices", "plates", "motion", "picture", "sound", "master", "quality")


@dataclass(frozen=True, slots=True)
class Order:
    """What film is wanted. ``language`` is the second one, ``None`` for none; ``voices`` are asked for by character."""

    script: Path
    out: Path
    tts: str = "local/kokoro"
    video: str = "local/procedural"
    background: str = "local/painter"
    mocap: str = "local/mediapipe-pose"
    language: str | None = "es"
    preview: bool = False
    scenes: tuple[int, ...] = ()
    seed: int = 0
    cap: Decimal | None = None
    voices: Mapping[str, str] = field(default_factory=dict)


class Watcher(runner.Watcher, Protocol):
    """Hears how far a film is."""

    def step(self, name: str, total: int) -> None:
        """One of :data:`STEPS` begins; ``total`` shots are to be drawn in it, or 0."""
        ...

    def shot(self, name: str, drawn: bool) -> None:
        """A shot is there; ``drawn`` now, or found."""
        ...


@dataclass(frozen=True, slots=True)
class Produced:
    """The finished film: its files, its cost, and whether every gate that could be measured held."""

    folder: Path
    files: tuple[Path, ...]
    seconds: float
    total: bill.Total
    passed: bool
    gates: tuple[qc.Gate, ...]
    drawn: int
    notes: tuple[str, ...]


def produce(store: Store, order: Order, watch: Watcher) -> Produced:
    """Make the film. Raises :class:`UsageError` for a script or folder that cannot be used."""
    notes: list[str] = []
    script = formats.read(order.script)
    notes += script.remarks
    languages, lines = _lines(script, order, notes)
    order.out.mkdir(parents=True, exist_ok=True)
    stages = Stages(store, watch, order.cap, order.seed)
    looks, places = _designed(script)
    watch.step("voices", 0)
    voices = cast_voices(order.tts, looks, languages, order.voices)
    readings = speak(stages, order.tts, lines, voices, languages)
    _shared_voices(voices, languages, notes)
    lengths = {one: {id: reading.seconds for id, reading in read.items()} for one, read in readings.items()}
    shape = PREVIEW if order.preview else FILM
    watch.step("plates", 0)
    plate = _plate(stages, script, order, shape)
    if plate.reason:
        notes.append(f"the moving plate: {plate.reason}")
    settings = {number: setting.id for number, setting in places.items()}
    credits = _credits(script, order)
    timeline = direct(
        script, slots(lengths), settings, order.scenes, credits, PLATE if plate.film is not None else None
    )
    watch.step("motion", 0)
    walk = motion.walk(stages, order.mocap) if _walks(timeline) else "nobody walks"
    if isinstance(walk, str) and _walks(timeline):
        notes.append(f"the walk is drawn, not captured: {walk}")
    design = Design(
        looks=looks,
        settings={setting.id: setting for setting in places.values()},
        plates={PLATE: plate.film} if plate.film is not None else {},
        motions={} if isinstance(walk, str) else {"walk": walk.one("joints")},
    )
    pieces = _pieces(timeline, readings, design, shape, order.seed)
    watch.step("picture", len({piece.key for many in pieces.values() for piece in many}))
    renderer = Renderer(store, lambda piece, drawn: watch.shot(_named(piece), drawn))
    segments = renderer.render([piece for many in pieces.values() for piece in many])
    watch.step("sound", 0)
    paths = {one.sound.sha256: stages.path(one.sound) for many in readings.values() for one in many.values()}
    with TemporaryDirectory(prefix="filmbench-film-") as scratch:
        stems = sound.stems(timeline, readings, paths, order.seed, Path(scratch))
    notes.append(f"music played by {stems.played_by}")
    mixes = {language: sound.mix(stems, language) for language in languages}
    watch.step("master", 0)
    files = _finished(store, order, timeline, pieces, segments, readings, stems, mixes, shape)
    takes = [*plate.takes, *(() if isinstance(walk, str) else (walk,))]
    provenance.write(timeline, pieces, segments, readings, takes, order.out, notes)
    total = bill.write(bill.items(stages.granted, _own_work(segments)), order.out)
    watch.step("quality", 0)
    delivered = tuple(
        qc.Delivered(path, language, tuple(languages) if index == 0 else (language,))
        for index, (language, path) in enumerate(files.items())
    )
    film = qc.Film(timeline, shape.fps, delivered, readings, stems.dialogue, mixes, paths)
    gates, figures = qc.judge(film)
    passed = qc.write(gates, figures, notes, order.out)
    drawn = sum(segment.fresh for segment in segments.values())
    return Produced(
        order.out, tuple(files.values()), timeline.seconds, total, passed, tuple(gates), drawn, tuple(notes)
    )


def _lines(script: Screenplay, order: Order, notes: list[str]) -> tuple[list[str], list[Line]]:
    """The film's languages, the script's first, and every line of the chosen scenes in each."""
    chosen = [scene for scene in script.scenes if not order.scenes or scene.number in order.scenes]
    speeches = [speech for scene in chosen for speech in scene.speeches if any(map(str.isalnum, speech.text))]
    lines = [_line(speech, script.language, speech.text) for speech in speeches]
    if order.preview or order.language is None or order.language == script.language:
        return [script.language], lines
    beside = translation.beside(order.script)
    if order.language in beside:
        texts = translation.lines(script, formats.read(beside[order.language], order.language))
    else:
        texts, reason = _draft(speeches, script.language, order.language)
        notes.append(reason)
        if not texts:
            return [script.language], lines
    lines += [_line(speech, order.language, texts[speech.id]) for speech in speeches if texts.get(speech.id)]
    return [script.language, order.language], lines


def _line(speech: Any, language: str, text: str) -> Line:
    direction = ", ".join(said for _, said in speech.directions) or None
    return Line(speech.id, speech.character, language, text, direction)


def _draft(speeches: Sequence[Any], source: str, target: str) -> tuple[dict[str, str], str]:
    """Lines translated by rule where nobody has translated them: a machine draft, and the notes say so."""
    from filmbench.adapters.local import _translation as apertium
    from filmbench.harness.protocols import Refusal

    try:
        modes = apertium.route(source, target)
        with TemporaryDirectory(prefix="filmbench-") as folder:
            texts = {one.id: apertium.translated(one.text, modes, Path(folder)) for one in speeches}
    except (Refusal, UsageError) as error:
        return {}, f"no {target} version: {error}"
    return texts, f"the {target} lines are a {apertium.DRAFT} by Apertium: have somebody read them"


def _designed(script: Screenplay) -> tuple[Mapping[str, Any], Mapping[int, Any]]:
    from filmbench.harness.film.picture import casting, settings

    return casting.cast(script), settings.settings(script)


def _shared_voices(voices: Mapping[tuple[str, str], str], languages: Sequence[str], notes: list[str]) -> None:
    for language in languages:
        owners: dict[str, list[str]] = {}
        for (who, spoken), voice in voices.items():
            if spoken == language:
                owners.setdefault(voice, []).append(who)
        notes += [
            f"{', '.join(many)} share the voice {voice} in {language}"
            for voice, many in owners.items()
            if len(many) > 1
        ]


def _plate(stages: Stages, script: Screenplay, order: Order, shape: Format) -> Plate:
    chosen = [scene for scene in script.scenes if not order.scenes or scene.number in order.scenes]
    half = replace(shape, width=shape.width // 2, height=shape.height // 2)
    return plates.make(stages, chosen, order.background, order.video, half)


def _credits(script: Screenplay, order: Order) -> tuple[str, ...]:
    written = (f"Written by {script.author}",) if script.author else ()
    return (script.title, *written, f"Voices: {order.tts}", "Drawn, scored and cut by filmbench", "Machine-made")


def _walks(timeline: Timeline) -> bool:
    return any(beat.deed == "walk" for placed in timeline.shots for beat in placed.shot.beats)


def _pieces(
    timeline: Timeline, readings: Mapping[str, Mapping[str, Reading]], design: Design, shape: Format, seed: int
) -> dict[str, list[Piece]]:
    """The film's shots in order, for each language; a shot in which nobody speaks is one piece for all."""
    shots = [placed.shot for placed in timeline.shots]
    found: dict[str, list[Piece]] = {}
    for language, read in readings.items():
        mouths = {line: reading.mouth for line, reading in read.items()}
        found[language] = [
            Piece(
                shot=shot,
                language=language if shot.speaks else None,
                mouths={beat.line: mouths[beat.line] for beat in shot.beats if beat.line in mouths}
                if shot.speaks
                else {},
                design=design,
                format=shape,
                seed=seed,
                before=_still(shots[index - 1]) if shot.joining == "dissolve" and index else None,
                closes=index + 1 == len(shots) or shots[index + 1].joining == "fade",
            )
            for index, shot in enumerate(shots)
        ]
    return found


def _still(shot: Shot) -> Shot:
    """The shot that is dissolved from, without its speech: only its last moment is seen, and that in all languages."""
    return replace(shot, beats=tuple(beat for beat in shot.beats if beat.deed != "speak"), caption=(), plate=None)


def _named(piece: Piece) -> str:
    return f"{piece.shot.id} ({piece.language})" if piece.language else piece.shot.id


def _finished(
    store: Store,
    order: Order,
    timeline: Timeline,
    pieces: Mapping[str, Sequence[Piece]],
    segments: Mapping[str, Segment],
    readings: Mapping[str, Mapping[str, Reading]],
    stems: sound.Stems,
    mixes: Mapping[str, Any],
    shape: Format,
) -> dict[str, Path]:
    """Every file of the delivery; the films by the language whose lips they show."""
    out, languages = order.out, list(readings)
    (out / "stems").mkdir(exist_ok=True)
    tracks = {f"dialogue_{one}": track for one, track in stems.dialogue.items()}
    tracks |= {"music": stems.music, "effects": stems.effects, **{f"mix_{one}": track for one, track in mixes.items()}}
    wavs = {name: master.write_wav(out / "stems" / f"{name}.wav", track) for name, track in tracks.items()}
    read = {}
    for language in languages:
        texts = {line: reading.line.text for line, reading in readings[language].items()}
        seconds = {line: reading.seconds for line, reading in readings[language].items()}
        read[language], _ = subtitles.write(timeline, texts, seconds, out, f"film_{language}")
    films: dict[str, Path] = {}
    pictures: dict[str, list[str]] = {}
    for number, language in enumerate(languages):
        own = [store.artifacts.path(segments[piece.key].artifact) for piece in pieces[language]]
        heard = languages if number == 0 else [language]
        films[language] = master.assemble(
            own,
            timeline,
            [master.Track(wavs[f"mix_{one}"], one) for one in heard],
            [master.Track(read[one], one) for one in heard if read[one].stat().st_size],
            out / ("film.mp4" if number == 0 else f"film_{language}.mp4"),
        )
        pictures[language] = [_shown(out, piece, path) for piece, path in zip(pieces[language], own, strict=True)]
    otio.write(
        timeline,
        shape.fps,
        pictures,
        {name: f"stems/{path.name}" for name, path in wavs.items()},
        out / "timeline.otio",
    )
    return films


def _shown(out: Path, piece: Piece, path: Path) -> str:
    """The shot's file beside the timeline (linked where the disk allows), relative to it."""
    name = f"shots/{piece.shot.id}{f'.{piece.language}' if piece.language else ''}.mp4"
    target = out / name
    target.parent.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)
    return name


def _own_work(segments: Mapping[str, Segment]) -> list[bill.Item]:
    nothing = Decimal(0)
    return [
        bill.Item("picture", key[:12], "filmbench", "ok", one.fresh, nothing, nothing, one.seconds)
        for key, one in segments.items()
    ]


__all__ = ["STEPS", "Granted", "Order", "Produced", "Watcher", "produce"]
