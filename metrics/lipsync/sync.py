"""Does the mouth say what is heard? Its opening against phones, and against energy, of the take's own sound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.media.decode import BadMedia
from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.features.phones import RATE
from filmbench.metrics.lipsync import curves
from filmbench.metrics.lipsync.seen import Seen, mouth
from filmbench.metrics.measure import Unmeasurable, mono, scored, signature

_SETTINGS = f"smooth:{curves.SMOOTHING:g}s;lag:{curves.MOST_LAG:g}s"
_JUDGED = ("mediapipe", "pocketsphinx")
CLOSED = 0.15
"""A mouth is shut below this share of the 95th percentile of its own openings."""
NEAR = 0.040
"""Seconds around a bilabial's middle in which the mouth must shut."""


def _spec(name: str, title: str, unit: str, higher: bool | None, **more: Any) -> MetricSpec:
    settings = more.pop("settings", _SETTINGS)
    packages = more.pop("packages", _JUDGED)
    return MetricSpec(
        id=f"lipsync.{name}",
        title=title,
        unit=unit,
        signature=signature(f"lipsync.{name}", *packages, settings=settings),
        contracts=("lipsync",),
        higher_is_better=higher,
        provenance="proxy",
        needs=("video",),
        **more,
    )


class ApertureCorrelation:
    """How closely the mouth's opening follows the phones that are heard, and how late it is.

    What: Pearson's r between the inner-lip gap (MediaPipe, landmarks 13 to 14 over 10 to 152) and the opening that the
    phones of the take's own sound ask for, at the lag within 200 ms that fits best; the same r without any lag; that
    lag in frames and in ms.
    Range: r -1..1, higher is better; lag in frames of the take and in ms, 0 is best, above 0 the mouth is late.
    Needs: one face in at least 80 % of the frames, 15 frames, English sound. The phones are found from the sound alone
    by PocketSphinx, never from a text nor from what made the take.
    Ignores: how far the mouth opens, constant smiles, lip rounding, teeth and tongue.
    Known failures: the true film shifted by up to 200 ms ties with the reference on the first column: a constant delay
    is told by the lag and by the r without lag, where that floor falls to chance. The best of eleven lags is above 0 by
    chance: an unrelated mouth reaches 0.35 to 0.55 on lines of 2 to 4 s, which the untouched film's row shows. Speech
    that the aligner follows badly lowers every row alike: read against the reference row. A still mouth counts as 0.
    Provenance: proxy (home-made).
    Source: the measure of the mouth follows public FaceMesh practice; the curve is ours.
    Licence: Apache-2.0.
    """

    specs = (
        _spec("aperture_correlation", "Mouth follows phones", "r", True, low=-1.0, high=1.0, worst=-1.0),
        _spec(
            "in_time_correlation",
            "Mouth follows phones in time",
            "r",
            True,
            low=-1.0,
            high=1.0,
            worst=-1.0,
            settings="lag:0",
        ),
        _spec("lag", "Mouth lag", "frames", None, decimals=1),
        _spec("lag_ms", "Mouth lag (time)", "ms", None, decimals=0, core=False),
    )  # fmt: skip

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``video`` against its own sound."""

        def measure() -> tuple[float, float, float, float]:
            film = view.output("video")
            seen = mouth(view, film)
            curve = curves.of_phones(phones(view, film))
            fit = curves.best_fit(seen.times, seen.aperture, curve, seen.fps)
            return fit.r, curves.pearson(seen.aperture, curve(seen.times)), fit.lag, 1000 * fit.lag / seen.fps

        return scored(self.specs, measure)


class OldSpeech:
    """Does the mouth still say what it said in the film that was given?

    What: Pearson's r, without lag, between the take's mouth and the phones of the GIVEN film's sound: the wrong text.
    Range: -1..1, near 0 is right; it is no quality of its own, and the untouched film has the highest.
    Needs: a given film with English sound.
    Ignores: whether the new line is said at all.
    Known failures: two lines may happen to open at the same times (up to about 0.4 in 3 s).
    Provenance: proxy (home-made).
    Source: the control of the main measure.
    Licence: Apache-2.0.
    """

    specs = (
        _spec(
            "old_speech_correlation", "Mouth follows the old speech", "r", False, low=-1.0, high=1.0, settings="lag:0"
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``video`` against the sound of the input ``video``."""

        def measure() -> tuple[float]:
            given = view.input("video")
            if given is None:
                raise Unmeasurable("the sample holds no film")
            seen = mouth(view, view.output("video"))
            return (curves.pearson(seen.aperture, curves.of_phones(phones(view, given))(seen.times)),)

        return scored(self.specs, measure)


class EnergyCorrelation:
    """How closely the mouth's opening follows the loudness of the speech: for languages without an aligner.

    What: Pearson's r between the inner-lip gap and the speech-band level (300 to 3400 Hz, dB, 40 ms), best of the lags
    within 200 ms.
    Range: -1..1, higher is better.
    Needs: one face, sound; no language.
    Ignores: what is said: loud consonants and shut nasals are taken for open mouths.
    Known failures: favours engines that are driven by energy: those win it without saying the words. True speech
    reaches 0.5 to 0.8 only. Never the primary number where phones can be aligned.
    Provenance: proxy (home-made).
    Source: the speech band is ITU-T's telephone band.
    Licence: Apache-2.0.
    """

    specs = (
        _spec(
            "energy_correlation", "Mouth follows loudness", "r", True,
            low=-1.0, high=1.0, packages=("mediapipe", "scipy"), settings=f"300-3400Hz;40ms;{_SETTINGS}",
        ),
    )  # fmt: skip

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``video`` against the level of its own sound."""

        def measure() -> tuple[float]:
            film = view.output("video")
            seen = mouth(view, film)
            curve = curves.of_energy(sound(film), RATE)
            return (curves.best_fit(seen.times, seen.aperture, curve, seen.fps).r,)

        return scored(self.specs, measure)


class BilabialClosure:
    """Do the lips meet on p, b and m?

    What: the share of bilabials in whose middle, within 40 ms, the gap falls below 15 % of the 95th percentile of the
    take's own gaps.
    Range: 0..100 %, higher is better.
    Needs: English sound with at least one bilabial; one face.
    Ignores: every other phone.
    Known failures: a mouth that hardly moves sets its own scale, so noise decides; an aligner's error of more than
    40 ms counts as an open mouth. A line holds 2 to 8 of them: read means over many lines.
    Provenance: proxy (home-made).
    Source: after the closure tests of visual speech work.
    Licence: Apache-2.0.
    """

    specs = (
        _spec(
            "bilabial_closure", "Lips shut on p, b, m", "%", True,
            low=0.0, high=100.0, worst=0.0, decimals=0, settings=f"closed:{CLOSED};near:{NEAR}s",
        ),
    )  # fmt: skip

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``video`` at the bilabials of its own sound."""

        def measure() -> tuple[float]:
            film = view.output("video")
            return (100 * closures(mouth(view, film), phones(view, film)),)

        return scored(self.specs, measure)


def closures(seen: Seen, heard: Sequence[tuple[str, float, float]]) -> float:
    """The share, 0..1, of bilabials at which the mouth shuts. Raises :class:`Unmeasurable` where there is none."""
    import numpy as np

    shut = CLOSED * float(np.percentile(seen.aperture, 95))
    reach = max(NEAR, 0.5 / seen.fps)
    middles = [(start + end) / 2 for name, start, end in heard if name in curves.BILABIALS]
    gaps = [seen.aperture[np.abs(seen.times - middle) <= reach] for middle in middles]
    met = [bool(gap.min() < shut) for gap in gaps if len(gap)]
    if not met:
        raise Unmeasurable("no p, b or m is heard")
    return sum(met) / len(met)


def phones(view: View, clip: Any) -> list[tuple[str, float, float]]:
    """The phones heard in ``clip``. Raises :class:`Unmeasurable`."""
    found = view.feature("phones", clip)
    if "reason" in found:
        raise Unmeasurable(str(found["reason"]))
    return [(str(name), float(start), float(end)) for name, start, end in found["phones"]]


def sound(clip: Any) -> Any:
    """The sound of ``clip`` at 16 kHz. Raises :class:`Unmeasurable`."""
    try:
        return mono(clip, RATE, least=0.5)
    except BadMedia as error:
        raise Unmeasurable(error.reason) from error


METRICS = (ApertureCorrelation(), OldSpeech(), EnergyCorrelation(), BilabialClosure())
