"""Do the lips of the finished film follow its sound? Measured from pictures and sound, and from nothing else.

The mouth's opening is seen by MediaPipe in the close-ups of the film as it was delivered. What it should be comes from
PocketSphinx, which lays the words of the line on the dialogue as it sounds: the timings that drew the mouth are not
looked at. How far each sound opens a mouth is the puppets' own way of speaking, their visemes. The aligner's model is
of US English; other languages lend it their words in the nearest English phones, which serves to place them in time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filmbench.harness.film.shot import Mouth
from filmbench.harness.film.timeline import Timeline

RATE = 16_000
SHIFT = 5
LEAST_FRAMES = 24
MOST_LINES = 6
AROUND = 0.12
"""Seconds of silence given to the aligner on either side of a line."""
_ARPABET = {
    "ɑ": "AA", "ɒ": "AA", "a": "AA", "æ": "AE", "ʌ": "AH", "ə": "AH", "ɐ": "AH", "ᵊ": "AH", "ɔ": "AO", "W": "AW",
    "I": "AY", "ɛ": "EH", "e": "EH", "ɜ": "ER", "ɚ": "ER", "A": "EY", "ɪ": "IH", "i": "IY", "ᵻ": "IH", "O": "OW",
    "Q": "OW", "o": "OW", "Y": "OY", "ʊ": "UH", "u": "UW", "b": "B", "β": "B", "ʧ": "CH", "d": "D", "ð": "DH",
    "ɾ": "D", "T": "D", "f": "F", "ɡ": "G", "g": "G", "ɣ": "G", "h": "HH", "x": "HH", "χ": "HH", "ʤ": "JH", "ʝ": "Y",
    "k": "K", "l": "L", "ʎ": "Y", "m": "M", "n": "N", "ɲ": "N", "ŋ": "NG", "p": "P", "ɹ": "R", "r": "R", "s": "S",
    "ʃ": "SH", "t": "T", "ʦ": "T", "θ": "TH", "v": "V", "w": "W", "j": "Y", "z": "Z", "ʒ": "ZH", "ʣ": "Z",
}  # fmt: skip
"""IPA, as Kokoro's phonemizers write it, to the aligner's phones."""
_IPA = {phone: ipa for ipa, phone in reversed(_ARPABET.items())}
"""And back: the first sign of each phone."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How the seen mouth follows each language's sound: Pearson's r within the lines of the close-ups measured.

    ``lag`` is the shift in frames (late mouths above 0) at which ``own`` is best, ``shifted`` the r with the sound
    moved by five frames, the better of both ways. ``reason`` tells why nothing was measured.
    """

    own: float | None
    other: float | None
    lag: int | None
    shifted: float | None
    frames: int
    lines: int
    reason: str | None = None


def measured(
    film: Path,
    timeline: Timeline,
    fps: int,
    own: tuple[str, Mapping[str, str], Any],
    other: tuple[str, Mapping[str, str], Any] | None,
) -> Fit:
    """The lips of ``film``. ``own``, ``other``: a language, its texts by line, its dialogue (n,) at 16 kHz."""
    chosen = _close_ups(timeline, own[1])
    if not chosen:
        return Fit(None, None, None, None, 0, 0, "no close-up in which one character speaks")
    seen = _seen(film, timeline, fps, chosen)
    sets: list[tuple[Any, Any, Any, Any]] = []
    for line in chosen:
        times, gaps = seen[line]
        mine = _curve(own, timeline, line)
        if mine is None or len(times) < 6:
            continue
        theirs = _curve(other, timeline, line) if other else None
        sets.append((times, gaps, mine, theirs))
    frames = sum(len(times) for times, *_ in sets)
    if frames < LEAST_FRAMES:
        return Fit(None, None, None, None, frames, len(sets), f"a face with its words in {frames} frames only")
    fits = {lag: _r(sets, 2, lag / fps) for lag in range(-SHIFT, SHIFT + 1)}
    best = max(fits, key=lambda lag: (fits[lag], -abs(lag)))
    judged = [one for one in sets if one[3] is not None]
    return Fit(
        own=fits[0],
        other=_r(judged, 3, 0.0) if judged else None,
        lag=best,
        shifted=max(fits[-SHIFT], fits[SHIFT]),
        frames=frames,
        lines=len(sets),
    )


def _close_ups(timeline: Timeline, texts: Mapping[str, str]) -> list[str]:
    """The longest lines that are spoken in close-up by one character alone, in the film's order."""
    found = []
    for line in timeline.lines:
        shot = timeline.shot_of(line.line).shot
        mouths = [beat for beat in shot.beats if beat.deed == "speak"]
        if line.seen and line.line in texts and shot.camera.framing == "close" and len(mouths) == 1:
            found.append((line.slot, line.line))
    chosen = {line for _, line in sorted(found, reverse=True)[:MOST_LINES]}
    return [line.line for line in timeline.lines if line.line in chosen]


def _seen(film: Path, timeline: Timeline, fps: int, chosen: Sequence[str]) -> dict[str, tuple[Any, Any]]:
    """For each line the times, in seconds from its beginning, and the opening in the frames that show a face."""
    import numpy as np
    from filmbench.harness.media import video
    from filmbench.harness.media.faces import LOWER_LIP, UPPER_LIP, FaceFinder, height_of

    spans: dict[int, str] = {}
    starts = {line.line: line.start for line in timeline.lines}
    for line in timeline.lines:
        if line.line in chosen:
            last = min(line.start + line.slot + 0.1, timeline.shot_of(line.line).end - 1 / fps)
            spans |= dict.fromkeys(range(round(line.start * fps), round(last * fps)), line.line)
    found: dict[str, list[tuple[float, float]]] = {line: [] for line in chosen}
    finder = FaceFinder()
    try:
        for frame in video.read(film):
            line_id = spans.get(frame.index)
            if line_id is None:
                continue
            faces = finder.find(frame.rgb)
            if faces:
                apart = [abs(float(one[:, 0].mean()) - frame.size[0] / 2) for one in faces]
                face = faces[apart.index(min(apart))]  # a close-up has its subject in the middle
                gap = float(np.linalg.norm(face[UPPER_LIP] - face[LOWER_LIP])) / max(height_of(face), 1e-6)
                found[line_id].append((frame.index / fps - starts[line_id], gap))
            if frame.index >= max(spans):
                break
    finally:
        finder.close()
    arrays = {line: np.array(many).reshape(-1, 2) for line, many in found.items()}
    return {line: (one[:, 0], one[:, 1]) for line, one in arrays.items()}


def _r(sets: Sequence[tuple[Any, Any, Any, Any]], which: int, shift: float) -> float:
    """Pearson's r over all sets, each mouth against the curve in place ``which``, read ``shift`` seconds earlier.

    Within lines: a line's mean says whose mouth it is and how it is drawn, so it is taken off on both sides, and each
    face's openings count in its own spread.
    """
    import numpy as np
    from filmbench.metrics.lipsync.curves import pearson

    gaps, wanted = [], []
    for one in sets:
        curve, spread = one[which](one[0] - shift), float(np.std(one[1]))
        gaps.append((one[1] - np.mean(one[1])) / (spread or 1.0))
        wanted.append(curve - np.mean(curve))
    return round(pearson(np.concatenate(gaps), np.concatenate(wanted)), 4)


def _curve(spoken: tuple[str, Mapping[str, str], Any], timeline: Timeline, line: str) -> Any | None:
    """The expected opening over the line's own time; ``None`` where its words could not be laid on the sound."""
    import numpy as np
    from filmbench.harness.film.picture.mouths import lips

    language, texts, dialogue = spoken
    if line not in texts:
        return None
    placed = next(one for one in timeline.lines if one.line == line)
    first = round((placed.start - AROUND) * RATE)
    last = round((placed.start + placed.slot + AROUND) * RATE)
    sound, begins = _sounding(dialogue[max(0, first) : last])
    phones = aligned(texts[line], language, sound)
    if not phones:
        return None
    lead = placed.start - max(0, first) / RATE - begins
    heard = tuple((_IPA[name], start, end) for name, start, end in phones if name in _IPA)
    mouth = Mouth(line, placed.slot, heard)
    return lambda at: np.array([lips(mouth, float(time) + lead).open for time in at])


def _sounding(samples: Any) -> tuple[Any, float]:
    """What sounds of ``samples``, with a little silence about it, and where it begins in seconds.

    Whole stretches of zeros mislead the aligner, which has never heard any: a faint noise lies under what it gets.
    """
    import numpy as np

    loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max(initial=0.0) * 10 ** (-40 / 20))
    pad = round(AROUND * RATE)
    first, last = (max(0, loud[0] - pad), loud[-1] + pad) if len(loud) else (0, len(samples))
    kept = np.pad(samples[first:last], (0, max(0, last - len(samples))))
    return kept + np.random.default_rng(0).normal(0, 2e-4, len(kept)).astype(np.float32), first / RATE


def aligned(text: str, language: str, samples: Any) -> list[tuple[str, float, float]]:
    """The phones (CMU names) of ``text`` with their times in ``samples`` (float32, 16 kHz), if they fit."""
    import numpy as np
    from pocketsphinx import Decoder

    said = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+", text.lower())
    decoder = Decoder(samprate=RATE, loglevel="FATAL", lm=None)
    names = []
    for number, word in enumerate(said):
        own = word.replace("’", "'")
        if language == "en" and decoder.lookup_word(own):
            names.append(own)
            continue
        phones = _phones(own, language)
        if phones:
            names.append(f"own{number}")
            decoder.add_word(names[-1], " ".join(phones), True)
    if not names:
        return []
    sound = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    try:
        decoder.set_align_text(" ".join(names))
        _hear(decoder, sound)
        decoder.set_alignment()
        _hear(decoder, sound)
        found = decoder.get_alignment()
    except RuntimeError:
        return []
    if found is None:
        return []
    return [(p.name, p.start / 100, (p.start + p.duration) / 100) for word in found for p in word]


def _hear(decoder: Any, sound: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(sound, full_utt=True)
    decoder.end_utt()


@cache
def _phones(word: str, language: str) -> tuple[str, ...]:
    """How a word that the aligner does not know is said, in its own phones."""
    from filmbench.adapters.local import _phonemes as phonemes

    with TemporaryDirectory(prefix="filmbench-") as folder:
        said = phonemes.english(word, british=False) if language == "en" else phonemes.spanish(word, Path(folder))
    return tuple(_named("".join(said)))


def _named(ipa: str) -> Iterable[str]:
    return (_ARPABET[symbol] for symbol in ipa if symbol in _ARPABET)
