"""Translation, words and meaning: golden values of the libraries, and real texts of the human prompts."""

from __future__ import annotations

import pytest
from filmbench.metrics.dubbing import adequacy, adequacy_band, length, translation

HYPOTHESES = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."]
REFERENCES = [
    ["The dog bit the man.", "It was not unexpected.", "The man bit him first."],
    ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."],
]


def test_sacrebleu_gives_its_published_corpus_values():
    from sacrebleu.metrics import BLEU, CHRF

    assert BLEU().corpus_score(HYPOTHESES, REFERENCES).score == pytest.approx(48.530827, abs=1e-4)
    assert CHRF().corpus_score(HYPOTHESES, REFERENCES).score == pytest.approx(59.72752, abs=1e-4)
    assert CHRF(word_order=2).corpus_score(HYPOTHESES, REFERENCES).score == pytest.approx(59.15310, abs=1e-4)


def test_one_take_is_scored_by_sacrebleu_as_the_signature_says():
    assert translation.bleu("this is a test", "this is a test") == pytest.approx(100.0)
    assert translation.bleu("this is a fest", "this is a test") == pytest.approx(59.4604, abs=1e-3)
    for name, stated in (("chrf", translation.CHRF), ("bleu", translation.BLEU)):
        metric = translation.metric(name)
        metric.corpus_score(["a b"], [["a b"]])
        assert metric.get_signature().format().rpartition("|version")[0] == stated.partition("|")[2]


def test_length_compliance_is_that_of_isometric_translation():
    found = length.ratios(
        ["hello there my friend", "hi", "this is a longer sentence"],
        ["bonjour mon ami", "absolutely not at all", "ceci est une phrase longue"],
    )
    assert sum(ratio for ratio, _ in found) / 3 == pytest.approx(3.58995, abs=1e-5)
    assert [fits for _, fits in found] == [False, True, True], "a line of two characters passes for free"


def test_unequal_lines_are_compared_as_one():
    assert length.lines("one\ntwo", "uno dos") == (["one two"], ["uno dos"])
    assert length.lines("one\ntwo\n", "uno\ndos") == (["one", "two"], ["uno", "dos"])


def test_embeddings_tell_a_translation_from_another_sentence():
    meant, right, wrong = "close the door please", "cierra la puerta por favor", "la luna es un satélite de la tierra"
    band = adequacy_band.bands()[frozenset({"en", "es"})]
    assert band.scaled(adequacy.cosine(meant, right)) > 0.5
    assert band.scaled(adequacy.cosine(meant, wrong)) < 0.2
    assert adequacy.cosine(meant, meant) == pytest.approx(1.0, abs=1e-3)


def test_every_calibrated_pair_tells_translations_from_strangers():
    bands = adequacy_band.bands()
    assert len(bands) == 10
    for band in bands.values():
        assert band.parallel - band.unrelated > 2 * max(band.parallel_sd, band.unrelated_sd) > 0
        assert band.scaled(band.unrelated) == 0 and band.scaled(band.parallel) == 1
