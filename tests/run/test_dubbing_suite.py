"""The quick dubbing suite from the command line: for each metric, the order of the arms that its card states."""

from __future__ import annotations

import pytest
from plugins import suites

HUMAN, DRAFT, SCRIPT = "human dub", "chain, machine draft", "chain, human translation"
ESPEAK, UNTOUCHED, UNALIGNED = "chain, human translation, eSpeak NG", "floor: untouched", "floor: unaligned"
DUBS = (HUMAN, DRAFT, SCRIPT, ESPEAK)


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float | None]]:
    """metric → arm → value."""
    table = suites.run_one("dubbing-quick", tmp_path_factory.mktemp("dubbing"))
    assert {arm: row["ok"] for arm, row in table.rows.items()} == dict.fromkeys((*DUBS, UNTOUCHED, UNALIGNED), 2)
    return table.by_metric()


@pytest.mark.slow
def test_every_metric_orders_the_arms_as_its_card_says(values: dict[str, dict[str, float]]) -> None:
    def falls(metric: str, *arms: str) -> None:
        numbers = [values[metric][arm] for arm in arms]
        assert numbers == sorted(numbers, reverse=True) and numbers[0] > numbers[-1], (metric, values[metric])

    for best in (HUMAN, SCRIPT, UNALIGNED):
        falls("chrf", best, DRAFT, UNTOUCHED)
        falls("bleu", best, DRAFT, UNTOUCHED)
        falls("wer_translation", UNTOUCHED, DRAFT, best)
    falls("script_chrf", SCRIPT, DRAFT)
    assert values["script_chrf"][SCRIPT] == pytest.approx(100) and values["script_chrf"][HUMAN] is None
    assert values["wer_script"][UNALIGNED] <= min(values["wer_script"][arm] for arm in (DRAFT, SCRIPT, ESPEAK)) + 15
    assert [values["target_language"][arm] for arm in (*DUBS, UNALIGNED, UNTOUCHED)] == [100] * 5 + [0]
    assert max(values["adequacy"], key=values["adequacy"].__getitem__) == UNTOUCHED, (
        "the meaning, in the wrong language"
    )
    for dub in DUBS:
        falls("speaker_similarity", UNTOUCHED, dub)
        falls("speech_iou", dub, UNALIGNED)
        falls("speech_overlap", dub, UNALIGNED)
        falls("onset_error", UNALIGNED, dub)
        falls("length_error", UNALIGNED, dub)
        falls("background_si_sdr", UNTOUCHED, dub, UNALIGNED)
        falls("media_length_error", UNALIGNED, dub)
    for chain in (DRAFT, SCRIPT, ESPEAK):
        falls("onset_within_120ms", chain, UNALIGNED)
        falls("duration_20", chain, UNALIGNED)
    assert values["background_si_sdr"][UNTOUCHED] == 100, "doing nothing saturates it"
    assert values["background_si_sdr"][UNALIGNED] == -30
    assert values["loudness_change"][UNTOUCHED] == pytest.approx(0)
    assert values["av_offset"][UNALIGNED] is None and values["av_acceptable"][SCRIPT] == 100
    assert all(values["true_peak_dbtp"][chain] < -1 for chain in (DRAFT, SCRIPT, ESPEAK))
