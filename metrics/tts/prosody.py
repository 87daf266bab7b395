"""How the line is delivered, and how far that lies from how people deliver lines."""

from __future__ import annotations

from collections.abc import Sequence

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics import measure
from filmbench.metrics.features import f0, speech_segments
from filmbench.metrics.features.transcript import language
from filmbench.metrics.measure import Unmeasurable
from filmbench.metrics.tts import prosody_band, syllables
from filmbench.metrics.tts.delivery import FINAL, STATISTICS, Reading, Statistic, final_rise

QUESTION = "question-rise"
"""Tag of lines whose pitch a person would raise at the end."""

_REQUIRES = (
    *speech_segments.FEATURES[0].spec.requires,
    *f0.FEATURES[0].spec.requires,
    measure.python("num2words"),
)


def _spec(statistic: Statistic) -> MetricSpec:
    id = f"tts.{statistic.id}"
    return MetricSpec(
        id=id,
        title=f"{statistic.title} (proxy)",
        unit=statistic.unit,
        signature=measure.signature(id, settings=_settings()),
        contracts=("tts",),
        higher_is_better=None,
        provenance="proxy",
        low=statistic.low,
        decimals=statistic.decimals,
        features=("speech_segments", "f0"),
        requires=_REQUIRES,
    )


def _distance_spec(statistic: Statistic) -> MetricSpec:
    id = f"tts.{statistic.id}_z"
    return MetricSpec(
        id=id,
        title=f"{statistic.title}, distance from the telephone-prompt band (proxy)",
        unit="sd",
        signature=measure.signature(id, settings=f"{_settings()}|band:{prosody_band.source()}"),
        contracts=("tts",),
        higher_is_better=False,
        provenance="proxy",
        low=0.0,
        decimals=2,
        features=("speech_segments", "f0"),
        requires=_REQUIRES,
    )


def _settings() -> str:
    parts = f"syllables:{syllables.VERSION}|pauses:gap+pads|final:{FINAL}"
    return f"{parts}|{speech_segments.FEATURES[0].spec.signature}|{f0.FEATURES[0].spec.signature}"


class Prosody:
    """Pace, pauses and melody of a take, and how far they lie from human readings. Proxies, all of them.

    What: five figures of delivery. There is no accepted automatic measure of unnatural intonation; these
    describe, and a listener judges.
    ``tts.speaking_rate``: syllables (counted from the spelling, see ``syllables.py``) a second of speech,
    pauses left out. ``tts.pauses_per_minute`` and ``tts.mean_pause``: silences between segments of speech,
    inside the line. ``tts.f0_spread``: standard deviation of the pitch in semitones around its median; flat
    voices are low. ``tts.final_rise``: slope of the pitch over the last 300 ms of voice, in semitones a
    second, only on lines tagged ``question-rise``, where a person's voice rises.
    ``…_z``: |value − mean| / sd of people's lines in the same language, 0 upwards, lower is better. A
    normal spread of people's own lines gives 0.8 on average.
    Direction: two-sided, but for the distances. Needs: the take and its text; tags for the final rise.
    The band: the *single-speaker telephone-prompt band* of the dataset ``human-prompts``, one professional
    speaker a language reading telephone prompts. It is no band of film acting: a shouted or whispered line
    should leave it. It stands in ``prosody_band.toml`` with its size and is made anew by
    ``python -m filmbench.metrics.tts.prosody_band``.
    Provenance: proxy (home-made formulas on Silero VAD and WORLD's DIO). Licence: MIT (both).
    Known failures: silences below about 0.2 s are not seen, longer ones come out some 30 ms short; breath
    and creak make octave jumps (those beyond an octave are left out); the syllable count is of careful
    speech; a line without a pause has no mean pause; languages without syllable rules have no rate,
    languages outside the band (Finnish) no distance; short prompts hold few pauses, so that their band is
    wide and that of the mean pause rests on few lines.
    """

    specs = tuple(_spec(statistic) for statistic in STATISTICS) + tuple(
        _distance_spec(statistic) for statistic in STATISTICS if statistic.banded
    )

    def score(self, view: View) -> Sequence[Score]:
        """One Score per spec: the figures first, then their distances from the band."""
        tongue = language(view.sample)
        take = view.output("speech")
        try:
            segments, track = view.feature("speech_segments", take), view.feature("f0", take)
            reading = Reading.of(view.sample.text(), tongue, segments, track)
        except Unmeasurable as error:
            return [Score(spec.id, None, str(error)) for spec in self.specs]
        figures = {statistic.id: _figure(statistic, reading, view) for statistic in STATISTICS}
        distances = [
            _distance(figures[statistic.id], tongue, statistic) for statistic in STATISTICS if statistic.banded
        ]
        return [*figures.values(), *distances]


def _figure(statistic: Statistic, reading: Reading, view: View) -> Score:
    id = f"tts.{statistic.id}"
    if statistic.measure is final_rise and QUESTION not in view.sample.tags:
        return Score(id, None, f"the line is not tagged {QUESTION}")
    try:
        return Score(id, statistic.measure(reading))
    except Unmeasurable as error:
        return Score(id, None, str(error))


def _distance(figure: Score, tongue: str | None, statistic: Statistic) -> Score:
    id = f"{figure.metric}_z"
    if figure.value is None:
        return Score(id, None, figure.reason)
    band = prosody_band.bands().get((tongue or "", statistic.id))
    if band is None:
        return Score(id, None, f"no human band for the language {tongue!r}")
    return Score(id, abs(figure.value - band.mean) / band.sd)


METRICS = (Prosody(),)
