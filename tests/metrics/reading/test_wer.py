"""Word and character error rates: jiwer's published values, and real speech through the real listener."""

import numpy as np
import pytest
from filmbench.harness.registry import features, metric_spec, metrics
from filmbench.harness.types import Sample
from filmbench.metrics.tts.wer import ErrorRates, SecondJudge


class Heard:
    """A view in which the listener wrote ``text``: for counting edits, where no sound is needed."""

    def __init__(self, script, heard, language="en"):
        self.sample = Sample("line", "test@1", {"text": script}, language=language)
        self._heard = heard

    def output(self, role):
        return None

    def feature(self, id, clip):
        return {"text": self._heard}


@pytest.mark.parametrize(
    ("script", "heard", "errors", "words"),
    [  # jiwer's own tests publish the rates 3, 2/3, 2 and 7/6
        ("X", "X X Y Y", 3, 1),
        ("X Y X", "X Z", 2, 3),
        ("X", "Y Z", 2, 1),
        (
            "i am a short ground truth",
            "i am a considerably longer and very much incorrect hypothesis",
            7,
            6,
        ),
    ],
)
def test_published_word_counts(script, heard, errors, words):
    wer, _ = ErrorRates().score(Heard(script, heard, "fr"))
    assert wer.statistics == {"errors": errors, "words": words}
    assert wer.value == pytest.approx(100 * errors / words)


def test_published_corpus_rates():
    """torchmetrics' documented example: WER 0.5 and CER 0.34146341 over two lines."""
    lines = [
        Heard("this is the reference", "this is the prediction"),
        Heard("there is another one", "there is an other sample"),
    ]
    wers, cers = zip(*(ErrorRates().score(line) for line in lines), strict=True)
    for scores, unit, rate in ((wers, "words", 0.5), (cers, "characters", 0.34146341)):
        errors = sum(score.statistics["errors"] for score in scores)
        assert errors / sum(score.statistics[unit] for score in scores) == pytest.approx(rate)


def test_nothing_heard_is_100_percent_and_nothing_written_is_no_number():
    assert [score.value for score in ErrorRates().score(Heard("two words", ""))] == [100.0, 100.0]
    assert [score.value for score in ErrorRates().score(Heard("…", "what?"))] == [None, None]
    assert ErrorRates().score(Heard("…", "what?"))[0].reason == "the text holds no word to compare"


def test_characters_only_where_words_are_not_set_apart():
    wer, cer = ErrorRates().score(Heard("你好，世界", "你好 世 间", "zh"))
    assert wer.value is None and "character error rate" in wer.reason
    assert cer.statistics == {"errors": 1, "characters": 4}


def test_languages_a_judge_does_not_write():
    (tiny,) = SecondJudge().score(Heard("hyvää päivää", "", "fi"))
    assert tiny.value is None and "'fi'" in tiny.reason
    assert all(score.value is None for score in ErrorRates().score(Heard("x", "x", "tlh")))
    assert all(score.value is None for score in ErrorRates().score(Heard("x", "x", None)))
    assert ErrorRates().score(Heard("x", "x", "pt-BR"))[0].value == 0.0


def test_a_clear_voice_is_understood_by_both_judges(say, view):
    take = view(say("The weather is very nice today, and we are going to the park."))
    take.sample = Sample(
        "line", "t", {"text": "The weather is very nice today and we are going to the park"}, language="en"
    )
    wer, cer = ErrorRates().score(take)
    (tiny,) = SecondJudge().score(take)
    assert (wer.value, cer.value, tiny.value) == (0.0, 0.0, 0.0)
    assert wer.detail["hypothesis"] == "the weather is very nice today and we are going to the park"


def test_the_wrong_words_are_found(say, view):
    wer, _ = ErrorRates().score(view(say(), text="Tomorrow we will all have forgotten the fire."))
    assert wer.value > 80


def test_noise_makes_it_worse_and_gain_and_padding_do_not(say, view, variant, noise):
    def rate(path):
        return ErrorRates().score(view(path))[1].value

    clean = say()
    rates = [rate(clean), *(rate(variant(clean, noise(snr_db))) for snr_db in (0, -8, -20))]
    assert rates[0] < 5 and rates[-1] > 50
    assert rates == sorted(rates) and len(set(rates)) >= 3
    assert rate(variant(clean, lambda samples, _: samples * 0.25)) == rates[0]
    assert rate(variant(clean, lambda samples, per_second: np.pad(samples, (0, per_second // 2)))) == rates[0]


def test_a_scrap_of_sound_cannot_run_in_circles(say, view, variant):
    """20 ms of a voice once made Whisper repeat itself to the end of its memory: 1,200 % of the script's words."""
    scrap = variant(say(), lambda samples, rate: samples[rate // 2 :][: rate // 50])
    for score in ErrorRates().score(view(scrap)):
        assert score.value <= 150


def test_the_language_is_forced_and_part_of_the_cache_key(say, view):
    take = view(say("Hyvää huomenta, mitä kuuluu?", "espeak:fi"), language="fi-FI")
    transcript = features().get("transcript")
    assert transcript.settings(take.sample) == {"language": "fi"}
    assert "ä" in transcript.compute(take.output("speech"), take.sample)["text"]


def test_registered_with_all_facts():
    for id in ("tts.wer", "tts.cer", "tts.wer_tiny_en"):
        spec = metric_spec(id)
        assert spec.unit == "%" and spec.higher_is_better is False and spec.statistics[0] == "errors"
        assert "weights:" in spec.signature and spec.features[0] in features().items
        assert "Known failures" in type(metrics().get(id)).__doc__
