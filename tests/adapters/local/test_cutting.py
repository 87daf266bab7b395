"""Local cutters: scripts, splices, real engines on the recordings of cut-speech, and what cannot be cut."""

from __future__ import annotations

import json
import wave
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from filmbench.adapters import _cutting as cutting
from filmbench.adapters import _script as scripts
from filmbench.adapters._script import Spoken, filled, matched
from filmbench.harness import registry
from filmbench.harness.dataset import catalogue
from filmbench.harness.media.clip import AudioClip
from filmbench.harness.media.splice import joined
from filmbench.harness.media.timeline import read_otio
from filmbench.harness.media.video import VideoClip
from filmbench.harness.media.write import write_video
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Arm, Artifact, Outcome, Request, Sample

DATASET = catalogue.load("cut-speech@1.0.0")
SAMPLES = {sample.id: sample for sample in DATASET.samples}
CUTTERS = ("local/pocketsphinx-cut", "local/whisper-cut", "local/floor-cut")


class Files:
    """The dataset's media, and files of the tests."""

    def __init__(self) -> None:
        self.own: dict[str, Path] = {}

    def path(self, artifact: Artifact) -> Path:
        return self.own.get(artifact.sha256) or DATASET.media[artifact.sha256]

    def add(self, path: Path, media_type: str) -> Artifact:
        self.own[str(path)] = path
        return Artifact(str(path), media_type, path.stat().st_size)


@pytest.fixture(scope="module")
def engines() -> dict[str, Any]:
    found = {id: registry.providers().get(id) for id in CUTTERS}
    for engine in found.values():
        engine.load()
    return found


@pytest.fixture
def cut(engines, tmp_path):
    """Cut a sample; each call has a folder of its own."""
    files = Files()

    def make(id: str, sample: Sample, **params: float) -> Mapping[str, tuple[Path, str]]:
        engine = engines[id]
        filled = {name: params.get(name, param.default) for name, param in engine.spec.params.items()}
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        return engine.render(Request("editing/cut", sample, Arm(id, id, filled), {}), files, folder)

    make.files = files  # type: ignore[attr-defined]
    return make


# --- scripts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "keep", "flags"),
    [
        ("a b c", "a c", "101"),
        ("we left we left early", "we left early", "00111"),
        ("x a b y a b", "x a b", "111000"),
        ("the door the door", "the door", "0011"),
        ("go left no go right", "go right", "00011"),
    ],
)
def test_of_equal_words_the_fewest_cuts_then_the_last_attempt_stay(script, keep, flags):
    found = scripts.kept(script.split(), keep.split())
    assert "".join("01"[flag] for flag in found) == flags


def test_the_truth_of_every_sample_follows_the_stated_rule():
    for sample in DATASET.samples:
        truth = json.loads(DATASET.media[sample.references["words"].sha256].read_text())
        assert scripts.words(sample.text("script")) == [word["word"] for word in truth]
        flags = scripts.kept(scripts.words(sample.text("script")), scripts.words(sample.text("keep")))
        assert flags == [word["keep"] for word in truth], sample.id


@pytest.mark.parametrize(("script", "keep"), [("a b", "b a"), ("a b", "a b c"), ("a b", "…"), ("a b", "")])
def test_words_that_are_not_the_scripts_are_bad_input(script, keep):
    with pytest.raises(Refusal) as refusal:
        scripts.kept(scripts.words(script), scripts.words(keep))
    assert refusal.value.outcome is Outcome.INVALID


def test_a_pad_takes_no_more_than_half_a_pause():
    times = [Spoken(0.5, 1.0), Spoken(1.1, 1.5), Spoken(2.5, 3.0)]
    assert scripts.spans(times, [True, False, True], 4.0, pad=0.2) == [(0.0, 1.05), (2.3, 4.0)]
    assert scripts.spans(times, [False, True, False], 4.0, pad=0.0) == [(1.1, 1.5)]


def test_words_that_whisper_did_not_hear_lie_between_those_it_did():
    known = matched(["so", "um", "we", "went"], ["so", "we", "want"])
    assert known == {0: 0, 2: 1, 3: 2}
    times = filled({1: Spoken(1.0, 2.0), 3: Spoken(3.0, 4.0)}, ["abc", "x", "ab", "y", "z"], 5.0)
    assert times == [Spoken(0, 1), Spoken(1, 2), Spoken(2, 3), Spoken(3, 4), Spoken(4, 5)]


# --- splices -----------------------------------------------------------------------------------------


def test_a_hard_cut_is_the_pieces_and_a_fade_keeps_the_length():
    samples = np.arange(100, dtype=np.float32)[:, None]
    spans = [(0, 30), (50, 100)]
    assert joined(samples, spans, 0)[:, 0].tolist() == [*range(30), *range(50, 100)]
    faded = joined(samples, spans, 10)[:, 0]
    assert len(faded) == 80
    assert faded[:25].tolist() == [*range(25)]
    assert faded[35:].tolist() == [*range(55, 100)]
    assert (np.diff(faded) < 6).all(), "a step of 21 becomes a slope"


def test_what_was_not_the_recordings_own_end_fades():
    faded = joined(np.ones((100, 1), np.float32), [(20, 80)], 10)[:, 0]
    assert faded[0] < 0.05 and faded[-1] < 0.05 and (faded[10:-10] == 1).all()
    whole = joined(np.ones((100, 1), np.float32), [(0, 100)], 10)[:, 0]
    assert (whole == 1).all()


def test_a_cut_moves_to_the_quietest_moment_in_reach():
    samples = np.ones(16_000, np.float32)
    samples[8_000:8_400] = 0  # 0.500 to 0.525 s
    ((start, end),) = cutting.quieter(samples, [(0.0, 0.45)], 0.1)
    assert start == 0.0 and end == pytest.approx(0.512, abs=0.008)
    assert cutting.quieter(samples, [(0.0, 0.45)], 0.02)[0][1] == pytest.approx(0.45, abs=0.021)
    assert cutting.quieter(samples, [(0.0, 0.45)], 0.0) == [(0.0, 0.45)]


# --- engines -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", CUTTERS)
def test_a_recording_comes_back_cut_with_its_lists(cut, id):
    made = cut(id, SAMPLES["door"])
    path, media_type = made["cut"]
    assert media_type == "audio/wav"
    spans = read_otio(made["timeline"][0])
    with wave.open(str(path)) as out:
        assert out.getframerate() == 16_000
        assert out.getnframes() == pytest.approx(16_000 * sum(end - start for start, end in spans), abs=1)
    assert made["edl"][0].read_text().count("SOURCE   A     C") == len(spans) == 2
    again = cut(id, SAMPLES["door"])
    assert [again[role][0].read_bytes() for role in again] == [made[role][0].read_bytes() for role in made]


@pytest.mark.parametrize(("id", "most_ms"), [("local/pocketsphinx-cut", 100), ("local/whisper-cut", 250)])
def test_real_cutters_find_the_words(cut, id, most_ms):
    from filmbench.metrics.cut.boundaries import errors
    from filmbench.metrics.cut.edit import Word

    sample = SAMPLES["road"]
    truth = [Word(**word) for word in json.loads(DATASET.media[sample.references["words"].sha256].read_text())]
    found = errors(truth, read_otio(cut(id, sample)["timeline"][0]), 4.68)
    assert 1000 * max(found) < most_ms


def test_a_film_is_cut_to_the_frame_with_its_sound(cut):
    made = cut("local/pocketsphinx-cut", SAMPLES["mill"])
    path, media_type = made["cut"]
    film = VideoClip(Artifact("x", media_type, 1), path)
    spans = read_otio(made["timeline"][0])
    frames = sum(round(25 * end) - round(25 * start) for start, end in spans)
    assert film.facts.frames == frames
    assert len(film.mono()) / film.rate == pytest.approx(frames / 25, abs=0.07)
    assert all(25 * edge == pytest.approx(round(25 * edge)) for span in spans for edge in span)
    assert "SOURCE   B     C" in made["edl"][0].read_text()


# --- bad input ---------------------------------------------------------------------------------------


def with_source(sample: Sample, source: Artifact) -> Sample:
    return replace(sample, inputs={**sample.inputs, "source": source})


def grey(count: int) -> list[Any]:
    return [np.full((36, 64, 3), 40 + index % 100, np.uint8) for index in range(count)]


def refused(cut, sample: Sample, id: str = "local/floor-cut", **params: float) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        cut(id, sample, **params)
    return refusal.value


def test_a_film_without_sound_cannot_be_cut_by_its_words(cut, tmp_path):
    silent = cut.files.add(*write_video(tmp_path / "silent.mp4", grey(25), 25))
    found = refused(cut, with_source(SAMPLES["road"], silent))
    assert (str(found), found.outcome) == ("holds no sound", Outcome.INVALID)


def test_words_after_the_end_of_the_picture_cannot_be_kept(cut, tmp_path):
    source = SAMPLES["road"].inputs["source"]
    sound = AudioClip(source, cut.files.path(source)).mono()
    short = cut.files.add(*write_video(tmp_path / "one.mp4", grey(1), 25, (sound, 16_000)))
    found = refused(cut, with_source(SAMPLES["road"], short))
    assert "the picture ends at 0.04 s" in str(found) and found.outcome is Outcome.INVALID


def test_a_variable_frame_rate_is_not_supported(cut, tmp_path):
    import av

    path = tmp_path / "vfr.mkv"
    with av.open(str(path), "w") as container:
        stream, audio = container.add_stream("ffv1", rate=25), container.add_stream("flac", rate=16_000, layout="mono")
        stream.width, stream.height, stream.pix_fmt = 64, 36, "bgr0"
        at = 0
        for index, frame in enumerate(grey(40)):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(format="bgr0")
            picture.pts, at = at, at + (1 if index % 2 else 5)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
        sound = av.AudioFrame.from_ndarray(np.full((1, 76_800), 999, np.int16), format="s16", layout="mono")
        sound.sample_rate, sound.pts = 16_000, 0
        container.mux(audio.encode(sound))
        container.mux(audio.encode(None))
    found = refused(cut, with_source(SAMPLES["road"], cut.files.add(path, "video/x-matroska")))
    assert "variable frame rate" in str(found) and found.outcome is Outcome.UNSUPPORTED


def test_a_script_with_a_word_that_the_dictionary_lacks_is_not_supported(cut):
    sample = SAMPLES["road"]
    odd = replace(sample, inputs={**sample.inputs, "script": sample.text("script") + " Xyzzyq."})
    found = refused(cut, odd, "local/pocketsphinx-cut")
    assert "no pronunciation of xyzzyq" in str(found) and found.outcome is Outcome.UNSUPPORTED


@pytest.mark.parametrize("id", ["local/pocketsphinx-cut", "local/whisper-cut"])
def test_a_recording_in_which_nothing_is_said_is_bad_input(cut, tmp_path, id):
    path = tmp_path / "hum.wav"
    soundfile.write(path, 0.1 * np.sin(np.arange(16_000) / 20), 16_000)
    found = refused(cut, with_source(SAMPLES["road"], cut.files.add(path, "audio/wav")), id)
    assert found.outcome is Outcome.INVALID


def test_a_fade_longer_than_200_ms_is_bad_input(cut):
    assert refused(cut, SAMPLES["road"], crossfade=500.0).outcome is Outcome.INVALID
