"""Dubs by the chains and the floor: real engines on a real scene; bad sources refused with their reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from dubs import RATE, medium
from filmbench.adapters.local import _timefit as timefit
from filmbench.adapters.local import _translation as translation
from filmbench.adapters.local._listening import joined
from filmbench.adapters.local._timefit import Line
from filmbench.adapters.local.dub_chain import Source, given_lines, mixed
from filmbench.harness import dataset
from filmbench.harness.media.video import VideoClip
from filmbench.harness.media.write import write_lossless, write_video
from filmbench.harness.protocols import Refusal
from filmbench.harness.registry import providers
from filmbench.harness.types import Arm, Artifact, Outcome, Request, Sample

SCENES = dataset.load("dub-scene")
SPANISH, ITALIAN = SCENES.samples[:2]
VOICE = {"voice": "espeak-ng/it"}


class Media(dict):
    def path(self, artifact: Artifact) -> Path:
        return self[artifact.sha256]


def dub(provider: str, sample: Sample, folder: Path, source: Any = None, **params: str) -> dict:
    media = Media(SCENES.media)
    if source is not None:
        media[source.artifact.sha256] = source.path
        sample = replace(sample, inputs={**sample.inputs, "source": source.artifact})
    request = Request("dubbing", sample, Arm(provider, provider, params), {})
    return dict(providers().get(provider).render(request, media, folder))


def refusal(*arguments: Any, **named: Any) -> tuple[str, Outcome]:
    with pytest.raises(Refusal) as caught:
        dub(*arguments, **named)
    return str(caught.value), caught.value.outcome


def wav(path: Path, samples: np.ndarray) -> Any:
    soundfile.write(path, samples, RATE)
    return medium(path, "audio/wav")


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> dict:
    return dub("local/dub-chain", ITALIAN, tmp_path_factory.mktemp("draft"), **VOICE)


def test_a_draft_says_that_it_is_one_and_keeps_the_picture(drafted):
    path, kind = drafted["dubbed"]
    with av.open(str(path)) as film:
        assert "machine draft by Apertium eng-cat cat-ita" in film.metadata["comment"]
    source = SCENES.media[ITALIAN.inputs["source"].sha256]
    ours, theirs = medium(path, kind), VideoClip(ITALIAN.inputs["source"], source)
    assert ours.facts.frames == theirs.facts.frames and ours.facts.fps == theirs.facts.fps
    for mine, original in zip(ours.frames(), theirs.frames(), strict=True):
        assert (mine.luma == original.luma).all()
    assert abs(len(ours.mono(RATE)) - len(theirs.mono(RATE))) < 0.1 * RATE
    script = drafted["script"][0].read_text()
    assert len(script.splitlines()) == 2 and "messaggio" in script


def test_the_same_request_gives_the_same_bytes(drafted, tmp_path):
    again = dub("local/dub-chain", ITALIAN, tmp_path, **VOICE)
    for role in ("dubbed", "script"):
        assert again[role][0].read_bytes() == drafted[role][0].read_bytes()


def test_the_human_translation_is_spoken_in_its_lines(tmp_path):
    made = dub("local/dub-chain-script", ITALIAN, tmp_path, **VOICE)
    assert made["script"][0].read_text().split() == ITALIAN.text("translation").split()
    with av.open(str(made["dubbed"][0])) as film:
        assert "machine draft" not in film.metadata["comment"]


def test_the_floor_begins_at_once_and_keeps_nothing(tmp_path):
    made = dub("local/floor-dubbing", ITALIAN, tmp_path, **VOICE)
    sound = medium(*made["dubbed"]).mono(RATE)
    assert np.abs(sound[: RATE // 5]).max() > 0.02, "the source is silent of speech for more than a second"


def test_sound_alone_is_dubbed_as_sound(tmp_path):
    scene = medium(SCENES.media[ITALIAN.inputs["source"].sha256], "video/mp4")
    path, kind = dub("local/dub-chain-script", ITALIAN, tmp_path, wav(tmp_path / "in.wav", scene.mono(RATE)), **VOICE)[
        "dubbed"
    ]
    assert kind == "audio/wav"
    assert "machine-made" in soundfile.SoundFile(path).comment
    assert soundfile.info(path).duration == pytest.approx(scene.mono(RATE).size / RATE, abs=0.01)


def frames(count: int) -> list[np.ndarray]:
    return [np.full((36, 64, 3), 40 + 3 * index, np.uint8) for index in range(count)]


def test_one_frame_and_sound_longer_than_the_picture_are_kept(tmp_path):
    speech = medium(SCENES.media[ITALIAN.inputs["source"].sha256], "video/mp4").mono(RATE)
    film = medium(*write_lossless(tmp_path / "one.mkv", frames(1), 25, (speech, RATE)))
    made = medium(*dub("local/dub-chain-script", ITALIAN, tmp_path, film, **VOICE)["dubbed"])
    assert made.facts.frames == 1
    assert made.mono(RATE).size == pytest.approx(speech.size, abs=0.1 * RATE)


def test_bad_sources_are_invalid(tmp_path):
    mute = medium(*write_video(tmp_path / "mute.mp4", frames(5), 25))
    assert refusal("local/dub-chain", ITALIAN, tmp_path, mute) == ("the source holds no sound", Outcome.INVALID)
    silent = wav(tmp_path / "silent.wav", np.zeros(2 * RATE))
    assert refusal("local/dub-chain", ITALIAN, tmp_path, silent) == (
        "no speech is heard in the source",
        Outcome.INVALID,
    )
    (tmp_path / "text.wav").write_text("no sound at all, only text")
    text = medium(tmp_path / "text.wav", "audio/wav")
    assert refusal("local/floor-dubbing", ITALIAN, tmp_path, text) == ("the source not audio but text", Outcome.INVALID)


def test_unknown_languages_are_unsupported(tmp_path):
    to = {language: replace(ITALIAN, language=language) for language in ("ru", "tlh", "en")}
    assert refusal("local/dub-chain", to["ru"], tmp_path) == ("apertium has no pair from en to ru", Outcome.UNSUPPORTED)
    assert refusal("local/dub-chain", to["tlh"], tmp_path) == ("there is no voice for tlh", Outcome.UNSUPPORTED)
    assert refusal("local/dub-chain", to["en"], tmp_path)[1] is Outcome.UNSUPPORTED
    klingon = replace(ITALIAN, inputs={**ITALIAN.inputs, "source_language": "tlh"})
    assert refusal("local/dub-chain-script", klingon, tmp_path) == ("Whisper does not hear tlh", Outcome.UNSUPPORTED)


def test_a_missing_translation_and_an_unknown_voice_are_told(tmp_path):
    bare = replace(ITALIAN, inputs={role: of for role, of in ITALIAN.inputs.items() if role != "translation"})
    assert refusal("local/dub-chain-script", bare, tmp_path) == (
        "the sample brings no translation",
        Outcome.UNSUPPORTED,
    )
    assert refusal("local/floor-dubbing", ITALIAN, tmp_path, voice="nobody")[1] is Outcome.INVALID


@pytest.mark.parametrize(("source", "target", "text", "word"), [
    ("en", "es", "The door is closed.", "puerta"), ("es", "en", "La puerta está cerrada.", "door"),
    ("en", "it", "The door is closed.", "porta"), ("en", "fr", "The door is closed.", "porte"),
    ("es", "it", "La puerta está cerrada.", "porta"), ("fr", "es", "La porte est fermée.", "puerta"),
    ("it", "fr", "La porta è chiusa.", "porte"),
])  # fmt: skip
def test_apertium_translates(source, target, text, word, tmp_path):
    assert word in translation.translated(text, translation.route(source, target), tmp_path).lower()


def test_lines_are_parted_by_pauses_and_by_the_ends_of_sentences():
    stretches = [Line(0, 1, " Wait"), Line(1.4, 2, " here."), Line(2.4, 3, " Now"), Line(4, 5, " go")]
    assert joined(stretches) == [Line(0, 2, "Wait here."), Line(2.4, 3, "Now"), Line(4, 5, "go")]


def test_a_translation_is_laid_on_the_lines_heard():
    lines = [Line(0, 1, "a"), Line(2, 3, "b"), Line(4, 6, "c")]
    assert given_lines("x\ny\nz", lines) == [Line(0, 1, "x"), Line(2, 3, "y"), Line(4, 6, "z")]
    assert given_lines("one only", lines) == [Line(0, 6, "one only")]
    assert given_lines("Short. A much longer second sentence.", lines) == [
        Line(0, 3, "Short."), Line(4, 6, "A much longer second sentence."),
    ]  # fmt: skip


class Spoken:
    """Speaks for 2 s, or faster when it is paced."""

    def __init__(self, paced: bool) -> None:
        self.paced = paced

    def say(self, text: str, speed: float = 1.0) -> tuple[np.ndarray, int]:
        time = np.arange(int(2 / speed * RATE)) / RATE
        return (0.3 * np.sin(2 * np.pi * 220 * time)).astype(np.float32), RATE


@pytest.mark.parametrize(("paced", "wanted", "room", "lasts"), [
    (True, 2.0, 9.0, 2.0), (True, 1.7, 9.0, 1.7), (True, 1.5, 9.0, 1.5), (False, 1.8, 9.0, 1.8),
    (True, 1.0, 9.0, 2 / 1.25 / 1.15), (False, 1.0, 9.0, 2 / 1.15), (True, 9.0, 9.0, 2 / 0.85 / 0.9),
    (False, 1.0, 1.2, 1.2),
])  # fmt: skip
def test_time_is_fitted_by_rate_first_and_stretching_last(paced, wanted, room, lasts, tmp_path):
    (placed,) = timefit.fitted([Line(0, wanted, "hello")], room, Spoken(paced), tmp_path)
    assert len(placed.samples) / placed.rate == pytest.approx(lasts, abs=0.06)
    middle = placed.samples[RATE // 4 : RATE // 4 + RATE // 2]
    assert np.argmax(np.abs(np.fft.rfft(middle))) * 2 == pytest.approx(220, abs=4), "the pitch stays"


def test_what_cannot_be_said_in_time_is_invalid(tmp_path):
    with pytest.raises(Refusal, match=r"there are 0\.5 s for it"):
        timefit.fitted([Line(0, 0.5, "hello")], 0.5, Spoken(False), tmp_path)


def test_the_background_outside_the_lines_stays_sample_for_sample():
    noise = np.random.default_rng(3).normal(0, 0.05, (4 * RATE, 2)).astype(np.float32)
    speech = np.full(RATE, 5.0, np.float32)
    sound = mixed(Source(Path("x"), noise, RATE, False), [Line(1, 2, "x")], [timefit.Placed(1.0, speech, RATE)])
    assert (sound[: int(0.9 * RATE)] == noise[: int(0.9 * RATE)]).all()
    assert (sound[int(2.15 * RATE) :] == noise[int(2.15 * RATE) :]).all()
    ducked = mixed(Source(Path("x"), noise, RATE, False), [Line(1, 2, "x")], [])
    inside = slice(int(1.1 * RATE), int(1.9 * RATE))
    fall = 10 * np.log10(np.mean(ducked[inside] ** 2) / np.mean(noise[inside] ** 2))
    assert fall == pytest.approx(-24, abs=0.1)
