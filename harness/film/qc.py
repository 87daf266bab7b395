"""The gates of a finished film, measured on its delivered files, and the report of them (JSON and Markdown)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filmbench.harness.film import continuity, cuts, lips
from filmbench.harness.film.lips import Fit
from filmbench.harness.film.sound import LOUDNESS
from filmbench.harness.film.timeline import Timeline
from filmbench.harness.film.voices import Reading
from filmbench.harness.types import Json

LEAST_OWN, MOST_OTHER, MOST_LAG = 0.8, 0.3, 1
MOST_WORSE = 0.10
MOST_OVERRUN = 0.05
LOUD_WITHIN = 0.5
MOST_PEAK = -1.0
HEARING_RATE = 16_000
QUIET = 10 ** (-45 / 20)


@dataclass(frozen=True, slots=True)
class Gate:
    """One demand and what was found. ``passed`` is ``None`` where nothing could be measured, for ``reason``."""

    id: str
    value: float | None
    bound: str
    passed: bool | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """One finished film file: its main language (whose lips it shows) and the languages of its sound tracks."""

    path: Path
    language: str
    tracks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Film:
    """What is judged: the files, and what the timeline says of them. Sounds are (n, 2) at 48 kHz."""

    timeline: Timeline
    fps: int
    files: tuple[Delivered, ...]
    readings: Mapping[str, Mapping[str, Reading]]
    dialogue: Mapping[str, Any]
    mixes: Mapping[str, Any]
    paths: Mapping[str, Path]


def judge(film: Film) -> tuple[list[Gate], dict[str, Json]]:
    """Every gate, and the figures that no gate rests on."""
    gates: list[Gate] = []
    first = film.files[0].language
    for file in film.files:
        gates += _lips(film, file)
        gates += _levels(file)
        gates.append(_length(film, file))
    gates += _words(film)
    gates += [_overrun(film, language) for language in film.dialogue if language != first]
    watched = cuts.watch(film.files[0].path, film.timeline, film.fps)
    found = cuts.judged(watched, film.timeline, film.fps)
    passed = not found.extra and found.found + len(found.unseen) == found.expected and not found.unseen
    gates.append(
        Gate("cuts.found", found.found, f"{found.expected} of {found.expected}, none extra", passed, _cuts(found))
    )
    gates.append(Gate("length.frames", watched.frames, f"{film.timeline.frames(film.fps)} ± 1", _near(watched, film)))
    figures: dict[str, Json] = {
        "cuts": {"unseen": list(found.unseen), "extra": list(found.extra)},
        "continuity": {
            "settings": continuity.settings(film.timeline, watched.middles),
            "faces": continuity.faces(film.timeline, film.files[0].path, film.fps),
            "voices": {one: continuity.voices(readings, film.paths) for one, readings in film.readings.items()},
        },
    }
    return gates, figures


def _cuts(found: cuts.Cuts) -> str | None:
    said = [f"not seen at frames {list(found.unseen)}"] if found.unseen else []
    said += [f"extra at frames {list(found.extra)}"] if found.extra else []
    return "; ".join(said) or None


def _near(watched: cuts.Watched, film: Film) -> bool:
    return abs(watched.frames - film.timeline.frames(film.fps)) <= 1


def _lips(film: Film, file: Delivered) -> Iterable[Gate]:
    other = next((one for one in film.dialogue if one != file.language), None)
    fit = lips.measured(
        file.path, film.timeline, film.fps, _spoken(film, file.language), _spoken(film, other) if other else None
    )
    name = f"lips.{file.language}"
    yield Gate(f"{name}.own", fit.own, f"> {LEAST_OWN}", _over(fit.own, LEAST_OWN), fit.reason or _basis(fit))
    if other:
        yield Gate(f"{name}.other", fit.other, f"< {MOST_OTHER}", _under(fit.other, MOST_OTHER), fit.reason)
    late = None if fit.lag is None else abs(fit.lag)
    yield Gate(
        f"{name}.lag", fit.lag, f"at most {MOST_LAG} frame", None if late is None else late <= MOST_LAG, fit.reason
    )
    yield Gate(f"{name}.shifted", fit.shifted, f"5 frames off fall to {LEAST_OWN} or less", _not_over(fit), fit.reason)


def _basis(fit: Fit) -> str:
    return f"{fit.frames} frames of {fit.lines} close-ups"


def _over(value: float | None, bound: float) -> bool | None:
    return None if value is None else value > bound


def _under(value: float | None, bound: float) -> bool | None:
    return None if value is None else value < bound


def _not_over(fit: Fit) -> bool | None:
    return None if fit.shifted is None else fit.shifted <= LEAST_OWN


def _spoken(film: Film, language: str) -> tuple[str, Mapping[str, str], Any]:
    import soxr

    texts = {id: reading.line.text for id, reading in film.readings[language].items()}
    mono = film.dialogue[language].mean(axis=1)
    return language, texts, soxr.resample(mono, 48_000, lips.RATE, quality="HQ")


def _levels(file: Delivered) -> Iterable[Gate]:
    from filmbench.metrics.tts.loudness import integrated, true_peak

    for track, language in enumerate(file.tracks):
        samples, rate = sound_of(file.path, track)
        name = f"sound.{file.path.stem}.{language}"
        loud, peak = round(integrated(samples, rate), 2), round(true_peak(samples, rate), 2)
        yield Gate(f"{name}.lufs", loud, f"{LOUDNESS:g} ± {LOUD_WITHIN:g}", abs(loud - LOUDNESS) <= LOUD_WITHIN)
        yield Gate(f"{name}.dbtp", peak, f"at most {MOST_PEAK:g}", peak <= MOST_PEAK)


def sound_of(path: Path, track: int) -> tuple[Any, int]:
    """The ``track``-th sound of a film as it plays, float32 (n, channels), and its rate."""
    import av
    import numpy as np

    with av.open(str(path)) as container:
        stream = container.streams.audio[track]
        parts = [frame.to_ndarray() for frame in container.decode(stream)]
        rate = stream.rate
    return np.concatenate(parts, axis=1).T.astype(np.float32), rate


def _length(film: Film, file: Delivered) -> Gate:
    import av

    with av.open(str(file.path)) as container:
        longest = max(
            float(stream.duration * stream.time_base)
            for stream in (*container.streams.video, *container.streams.audio)
            if stream.duration
        )
    wanted = film.timeline.seconds
    return Gate(
        f"length.{file.path.stem}",
        round(longest, 4),
        f"{wanted:.4f} s ± 1 frame",
        abs(longest - wanted) <= 1.0 / film.fps + 1e-6,
    )


def _words(film: Film) -> Iterable[Gate]:
    """How many more words a listener gets wrong in the mix than in the dry dialogue, line by line."""
    for language, dialogue in film.dialogue.items():
        name = f"words.{language}"
        heard = [_wrong(film, language, sound) for sound in (dialogue, film.mixes[language])]
        words = heard[0][1]
        if not words:
            yield Gate(f"{name}.mix", None, f"< {MOST_WORSE} worse than dry", None, "nobody speaks")
            continue
        dry, mixed = (wrong / words for wrong, _ in heard)
        worse = round(mixed - dry, 4)
        note = f"dry {dry:.3f}, mix {mixed:.3f}, {words} words" + ("" if words >= 300 else " (fewer than 300)")
        yield Gate(f"{name}.mix", worse, f"< {MOST_WORSE} worse than dry", worse < MOST_WORSE, note)


def _wrong(film: Film, language: str, sound: Any) -> tuple[int, int]:
    """Errors and words over all lines of one sound, heard by Whisper."""
    import jiwer
    import soxr
    from filmbench.metrics.features.transcript import BEAM, whisper
    from filmbench.metrics.tts.normalise import normalise

    mono = soxr.resample(sound.mean(axis=1), 48_000, HEARING_RATE, quality="HQ")
    model = whisper("whisper-tiny-en" if language == "en" else "whisper-base")
    wrong = words = 0
    for line in film.timeline.lines:
        reading = film.readings[language].get(line.line)
        if reading is None:
            continue
        first, last = round((line.start - 0.2) * HEARING_RATE), round((line.start + line.slot + 0.3) * HEARING_RATE)
        segments, _ = model.transcribe(
            mono[max(0, first) : last],
            language=language,
            beam_size=BEAM,
            temperature=0.0,
            condition_on_previous_text=False,
        )
        target = normalise(reading.line.text, language)
        edits = jiwer.process_words(target, normalise("".join(one.text for one in segments), language) or "-")
        wrong += edits.substitutions + edits.deletions + edits.insertions
        words += len(target.split())
    return wrong, words


def _overrun(film: Film, language: str) -> Gate:
    """By how much the line that runs over most outlasts its slot, as it sounds in the dialogue stem."""
    import numpy as np

    mono = np.abs(film.dialogue[language]).max(axis=1)
    worst = 0.0
    for line in film.timeline.lines:
        after = [one.start for one in film.timeline.lines if one.start > line.start + 0.01]
        first, last = round(line.start * 48_000), round(min([*after, film.timeline.seconds]) * 48_000)
        loud = np.flatnonzero(mono[first:last] > QUIET)
        if len(loud) and line.slot:
            worst = max(worst, float(loud[-1]) / 48_000 / line.slot - 1)
    return Gate(f"overrun.{language}", round(worst, 4), f"at most {MOST_OVERRUN}", worst <= MOST_OVERRUN)


def write(gates: Sequence[Gate], figures: Mapping[str, Json], notes: Sequence[str], folder: Path) -> bool:
    """``qc.json`` and ``qc.md`` in ``folder``; whether no gate failed."""
    record = {"gates": [asdict(gate) for gate in gates], "figures": dict(figures), "notes": list(notes)}
    (folder / "qc.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    words = {True: "pass", False: "FAIL", None: "not measured"}
    lines = ["# Quality control", "", "| gate | found | demanded | verdict | note |", "|---|---|---|---|---|"]
    for gate in gates:
        value = "" if gate.value is None else f"{gate.value:g}"
        lines.append(f"| {gate.id} | {value} | {gate.bound} | {words[gate.passed]} | {gate.reason or ''} |")
    lines += ["", "Continuity (proxies, no gate): see qc.json.", *(f"- {note}" for note in notes)]
    (folder / "qc.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return all(gate.passed is not False for gate in gates)
