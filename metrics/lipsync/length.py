"""Is the take as long as the speech?"""

from __future__ import annotations

from collections.abc import Sequence

from filmbench.harness.media.decode import BadMedia
from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import Unmeasurable, scored, signature


class Length:
    """Do picture, sound and speech end together?

    What: the greater of two differences: picture against the speech that was asked for, and the take's own sound
    against that speech.
    Range: seconds, 0 is best; up to one frame is what whole frames cost, and 0.05 s what AAC's blocks do.
    Needs: a take with sound.
    Ignores: what is seen and heard.
    Known failures: a row that keeps the whole given film, as the untouched floor does, is counted as too long.
    Provenance: library PyAV, measured by decoding.
    Source: none.
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="lipsync.length_error",
            title="Length off the speech",
            unit="s",
            signature=signature("lipsync.length_error", "av"),
            contracts=("lipsync",),
            higher_is_better=False,
            provenance="library",
            low=0.0,
            needs=("video",),
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``video`` against the input ``speech``."""

        def measure() -> tuple[float]:
            speech, film = view.input("speech"), view.output("video")
            if speech is None:
                raise Unmeasurable("the sample holds no speech")
            try:
                return (max(abs(film.facts.seconds - speech.seconds), abs(film.sound.seconds - speech.seconds)),)
            except BadMedia as error:
                raise Unmeasurable(error.reason) from error

        return scored(self.specs, measure)


METRICS = (Length(),)
