"""The quick suite of lip sync on its first line, through the program: each metric orders the arms as its card says."""

from __future__ import annotations

import pytest
from filmbench.harness.dataset import catalogue
from plugins import suites

REFERENCE, PHONEMES, ENERGY = "reference: drawn from the phonemes", "Mouth warp, phonemes", "Mouth warp, energy"
UNTOUCHED, LATE = "floor: untouched film", "floor: truth, 5 frames late"


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float | None]]:
    """Metric id (without its stage) to arm to mean."""
    folder = tmp_path_factory.mktemp("lipsync")
    catalogue.fetch("talking-face")
    return suites.run_one(suites.cut("lipsync-quick", folder, limit="1"), folder).by_metric()


def test_every_measure_orders_the_arms_as_its_card_says(values: dict[str, dict[str, float]]) -> None:
    def falling(metric: str, *arms: str) -> None:
        column = [values[metric][arm] for arm in arms]
        assert column == sorted(column, reverse=True) and len(set(column)) == len(column), (metric, values[metric])

    falling("aperture_correlation", REFERENCE, PHONEMES, ENERGY, UNTOUCHED)
    assert values["aperture_correlation"][REFERENCE] > 0.9 and values["aperture_correlation"][PHONEMES] > 0.8
    assert values["aperture_correlation"][LATE] > 0.9, "a constant delay is told by the lag, not by this"
    assert values["lag"][LATE] == 5 and abs(values["lag"][REFERENCE]) <= 1 and abs(values["lag"][PHONEMES]) <= 1
    falling("in_time_correlation", REFERENCE, PHONEMES, ENERGY, UNTOUCHED, LATE)
    assert values["in_time_correlation"][LATE] < 0.3 > values["in_time_correlation"][UNTOUCHED]

    assert values["old_speech_correlation"][UNTOUCHED] > 0.8
    assert max(v for arm, v in values["old_speech_correlation"].items() if arm != UNTOUCHED) < 0.3
    falling("true_aperture_correlation", REFERENCE, PHONEMES, ENERGY, UNTOUCHED)
    falling("energy_correlation", ENERGY, PHONEMES, UNTOUCHED)  # whom energy drives wins it, even over the truth
    assert values["energy_correlation"][ENERGY] > values["energy_correlation"][REFERENCE]
    assert values["bilabial_closure"][REFERENCE] == values["bilabial_closure"][PHONEMES] == 100
    assert max(values["bilabial_closure"][arm] for arm in (ENERGY, UNTOUCHED, LATE)) < 60
    falling("mouth_distance", UNTOUCHED, PHONEMES, REFERENCE)
    assert values["mouth_distance"][REFERENCE] == 0

    # What asks for keeping is won by the floor that keeps all.
    for metric in ("outside_psnr", "outside_ssim"):
        falling(metric, UNTOUCHED, PHONEMES, LATE)
    for metric in ("outside_lpips", "outside_flicker"):
        falling(metric, LATE, PHONEMES, UNTOUCHED)
    assert values["outside_psnr"][UNTOUCHED] == 100 and values["outside_lpips"][UNTOUCHED] == 0
    assert values["identity_distance"][UNTOUCHED] == min(values["identity_distance"].values())
    assert max(values["identity_distance"].values()) < 0.6
    assert values["mouth_flicker"][REFERENCE] < values["mouth_flicker"][PHONEMES]
    lengths = values["length_error"]
    assert lengths[UNTOUCHED] == max(lengths.values())  # it keeps the given film's length
    assert max(length for arm, length in lengths.items() if arm != UNTOUCHED) < 0.06
