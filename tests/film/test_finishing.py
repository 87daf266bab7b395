"""Sound and the finished file, on real media: loudness as it plays, tracks, chapters, length, cuts that are seen."""

import json
from dataclasses import replace
from decimal import Decimal

import av
import numpy as np
import opentimelineio as otio_library
import pytest
import soundfile
from filmbench.harness.film import bill, cuts, effects, lips, master, music, otio, qc, sound, subtitles
from filmbench.harness.film.music import Cue
from filmbench.harness.film.render import Piece, faded
from filmbench.harness.film.shot import Beat, Camera, Mouth, Presence, Shot
from filmbench.harness.film.stages import Granted, Wish
from filmbench.harness.film.timeline import Chapter, Placed, Spoken, Timeline
from filmbench.harness.film.voices import Line, Reading, mouthed
from filmbench.harness.media.write import write_video
from filmbench.harness.types import Artifact, Outcome

FPS = 24
CAST = (Presence("MARA", 0.3, "right"), Presence("TOBY", 0.7, "left"))
WALK = Shot("1.opening", 1, 3.0, "ext-pier-night", Camera("wide"), CAST, (Beat(0.5, 2.5, "MARA", "walk", 0.5),))
TALK = Shot(
    "1.1", 1, 3.0, "ext-pier-night", Camera("close", "MARA"), CAST, (Beat(0.35, 2.35, "MARA", "speak", None, "1.1"),)
)
LATER = Shot("2.opening", 2, 2.0, "int-lamp-room-night", Camera("wide"), CAST)
TIMELINE = Timeline(
    "The Lamp; a #test",
    (Placed(WALK, 0.0), Placed(TALK, 3.0), Placed(LATER, 6.0)),
    (Spoken("1.1", "MARA", 3.35, 2.0, "1.1", True),),
    (Chapter("Pier", 0.0, 6.0), Chapter("Lamp Room", 6.0, 8.0)),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A film of three plain shots with two mixes, put together as the production does it."""
    folder = tmp_path_factory.mktemp("film")
    voice = folder / "voice.wav"
    time = np.arange(2 * 24_000) / 24_000
    soundfile.write(voice, 0.3 * np.sin(2 * np.pi * 180 * time) * (1 + np.sin(2 * np.pi * 4 * time)) / 2, 24_000)
    artifact = Artifact("v", "audio/wav", 1)
    wish = Wish("1.1/en", "tts", "local/kokoro", {"text": "The lamp is dark."}, {}, "en")
    granted = Granted(wish, "k", 0, Outcome.OK, None, {"speech": (artifact,)}, Decimal(0), 1.5, None, True)
    reading = Reading(
        Line("1.1", "MARA", "en", "The lamp is dark."), granted, artifact, 0.0, 2.0, Mouth("1.1", 2.0, ()), "exact", 1.0
    )
    readings = {"en": {"1.1": reading}, "es": {"1.1": replace(reading, line=replace(reading.line, language="es"))}}
    stems = sound.stems(TIMELINE, readings, {"v": voice}, 0, folder)
    mixes = {language: sound.mix(stems, language) for language in readings}
    wavs = {language: master.write_wav(folder / f"{language}.wav", mix) for language, mix in mixes.items()}
    segments = []
    for index, placed in enumerate(TIMELINE.shots):
        noise = np.random.default_rng(index).integers(0, 8, (90, 160, 3), np.uint8)
        frames = (np.roll(noise, step, 1) + np.uint8(60 * index) for step in range(round(placed.shot.seconds * FPS)))
        segments.append(write_video(folder / f"it's {index}.mp4", frames, FPS)[0])
    texts = {"1.1": "The lamp is dark, and nobody has come to light it for three nights now, nor will they ever."}
    srts = {one: subtitles.write(TIMELINE, texts, {"1.1": 2.0}, folder, one)[0] for one in readings}
    tracks = [master.Track(wavs[one], one) for one in readings]
    read = [master.Track(srts[one], one) for one in readings]
    film = master.assemble(segments, TIMELINE, tracks, read, folder / "film.mp4")
    return film, stems, mixes


def test_the_file_has_both_languages_subtitles_chapters_and_says_what_it_is(made):
    with av.open(str(made[0])) as film:
        assert [stream.metadata["language"] for stream in film.streams.audio] == ["eng", "spa"]
        assert [stream.metadata["language"] for stream in film.streams.subtitles] == ["eng", "spa"]
        chapters = [(one["metadata"]["title"], float(one["start"] * one["time_base"])) for one in film.chapters()]
        assert chapters == [("Pier", 0.0), ("Lamp Room", 6.0)]
        assert film.metadata["title"] == TIMELINE.title
        assert film.metadata["comment"] == master.MACHINE_MADE


def test_the_file_is_as_long_as_the_timeline_though_its_subtitles_end_before(made):
    gate = qc._length(qc.Film(TIMELINE, FPS, (), {}, {}, {}, {}), qc.Delivered(made[0], "en", ("en",)))
    assert gate.passed, gate
    assert cuts.watch(made[0], TIMELINE, FPS).frames == TIMELINE.frames(FPS) == 192


def test_the_mixes_play_at_the_delivery_loudness_below_its_peak(made):
    gates = list(qc._levels(qc.Delivered(made[0], "en", ("en", "es"))))
    assert len(gates) == 4 and all(gate.passed for gate in gates), gates


def test_music_and_air_step_back_under_speech(made):
    _, stems, _ = made
    level = sound._envelope(stems.dialogue["en"])
    assert level[round(4.0 * 48_000)] > 0.9 and level[round(1.0 * 48_000)] < 0.05


def test_a_loud_mix_is_held_at_its_true_peak_and_a_soft_one_is_left_alone():
    time = np.arange(48_000) / 48_000
    tone = np.stack([np.sin(2 * np.pi * 11_025 * time + 0.8)] * 2, axis=1).astype(np.float32)
    from filmbench.metrics.tts.loudness import true_peak

    assert true_peak(sound.limited(tone * 1.5, -2.0), 48_000) <= -1.9
    assert sound.limited(tone * 0.1, -2.0) is not None
    assert np.array_equal(sound.limited(tone * 0.1, -2.0), tone * 0.1)


def test_the_cuts_are_seen_where_the_timeline_has_them_and_nowhere_else(made):
    watched = cuts.watch(made[0], TIMELINE, FPS)
    assert cuts.judged(watched, TIMELINE, FPS) == cuts.Cuts(2, 2, (), ())
    moved = replace(TIMELINE, shots=(TIMELINE.shots[0], Placed(TALK, 3.5), TIMELINE.shots[2]))
    wrong = cuts.judged(watched, moved, FPS)
    assert wrong.unseen == (84,) and wrong.extra == (72,)


def test_footsteps_sound_while_somebody_walks_and_not_before():
    steps = effects.foley(TIMELINE, 0)
    assert np.abs(steps[: round(0.5 * 48_000)]).max() == 0 < np.abs(steps[: round(2.5 * 48_000)]).max()
    assert np.array_equal(steps, effects.foley(TIMELINE, 0))


def test_the_melody_rests_while_somebody_speaks_and_follows_the_moods():
    cues = [Cue(0, 20, "sad"), Cue(20, 40, "happy")]
    notes = music.score(cues, [(5.0, 12.0)])
    box = [note.start for note in notes if note.program == music.BOX]
    assert box and not any(5.0 - music.BEAT / 2 < start < 12.0 for start in box)
    early, late = (
        {n.pitch for n in notes if n.program == music.CELLO and a <= n.start < b} for a, b in ((0, 19), (22, 40))
    )
    assert early != late


def test_the_score_is_a_midi_file_with_a_track_an_instrument(tmp_path):
    import mido

    notes = music.score([Cue(0, 10, "tender")], [])
    file = mido.MidiFile(str(music.write_midi(notes, tmp_path / "score.mid")))
    assert len(file.tracks) == len({note.program for note in notes})
    assert file.length == pytest.approx(max(note.end for note in notes), abs=0.05)


def test_subtitles_hold_two_short_lines_and_end_with_the_film(made):
    text = (made[0].parent / "en.srt").read_text(encoding="utf-8")
    assert text.startswith("1\n00:00:03,350 --> ")
    shown = [line for line in text.splitlines() if line and not line.isdigit() and "-->" not in line]
    assert max(map(len, shown)) <= 42 and " ".join(shown).endswith("nor will they ever.")
    assert (made[0].parent / "en.vtt").read_text(encoding="utf-8").startswith("WEBVTT\n\n00:00:03.350")


def test_the_timeline_opens_again_with_every_shot_where_it_lies(tmp_path):
    pictures = {"en": [f"shots/{placed.shot.id}.mp4" for placed in TIMELINE.shots]}
    otio.write(TIMELINE, FPS, pictures, {"music": "stems/music.wav"}, tmp_path / "timeline.otio")
    read = otio_library.adapters.read_from_file(str(tmp_path / "timeline.otio"))
    clips = list(read.tracks[0].find_clips())
    assert [clip.media_reference.target_url for clip in clips] == pictures["en"]
    assert [clip.range_in_parent().start_time.value for clip in clips] == [0, 72, 144]
    assert read.duration().value == TIMELINE.frames(FPS)


def test_a_bill_keeps_what_has_no_price_out_of_its_sums_and_says_so(tmp_path):
    wish = Wish("1.1/en", "tts", "vendor/x", {"text": "x"})
    paid = Granted(wish, "k", 0, Outcome.OK, None, {}, Decimal("0.25"), 1.0, None, True)
    found = bill.items([paid, replace(paid, fresh=False), replace(paid, billed=None)], [])
    total = bill.write(found, tmp_path)
    assert (total.worth_usd, total.paid_usd, total.unpriced) == (Decimal("0.50"), Decimal("0.25"), 1)
    assert "at least $0.2500" in (tmp_path / "bill.md").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "bill.json").read_text(encoding="utf-8"))["lines"][2]["worth_usd"] is None


def test_a_mouth_rests_at_a_comma_and_keeps_its_vowels_stress():
    told = [("ˈ", 0.0, 0.1), ("a", 0.1, 0.2), ("ː", 0.2, 0.3), (" ", 0.3, 0.35), ("m", 0.35, 0.4)]
    told += [(",", 0.4, 0.8), (" ", 0.8, 0.9), ("o", 0.9, 1.0)]
    assert mouthed(told) == [("a", 0.0, 0.35), ("m", 0.35, 0.4), ("o", 0.9, 1.0)]


def test_a_shot_that_fades_comes_out_of_the_dark_and_one_that_closes_goes_into_it():
    from filmbench.harness.film.render import Design, Format

    piece = Piece(
        replace(WALK, seconds=2.0, joining="fade"), None, {}, Design({}, {}, {}, {}), Format(8, 8, 12), 0, closes=True
    )
    frames = list(faded(piece, iter([np.full((8, 8, 3), 100, np.uint8)] * 24)))
    levels = [int(frame.mean()) for frame in frames]
    assert levels[0] < levels[2] < levels[8] == 100 > levels[-3] > levels[-1] == 0


def test_lips_are_judged_by_a_curve_that_shifted_sound_no_longer_fits():
    times = np.arange(0, 3, 1 / FPS)

    def curve(at):
        return np.abs(np.sin(2 * np.pi * 1.7 * np.asarray(at)))

    def other(at):
        return np.abs(np.sin(2 * np.pi * 1.1 * np.asarray(at) + 1.0))

    sets = [(times, curve(times), curve, other)]
    assert lips._r(sets, 2, 0.0) > 0.99 > 0.8 > lips._r(sets, 2, 5 / FPS)
    assert lips._r(sets, 3, 0.0) < 0.3
