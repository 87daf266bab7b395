"""The shipped film lines hold what their card promises."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from filmbench.harness import dataset
from filmbench.harness.types import Sample

EMOTIONS = {"joy", "anger", "sadness", "fear", "surprise", "disgust"}


@pytest.fixture(scope="module")
def lines() -> tuple[Sample, ...]:
    return dataset.load("film-lines").samples


def english(lines: tuple[Sample, ...]) -> list[Sample]:
    return [line for line in lines if line.language == "en"]


def words(line: Sample) -> int:
    return len(line.text().split())


def test_counts(lines: tuple[Sample, ...]) -> None:
    assert len(english(lines)) >= 60
    assert len({line.cluster for line in english(lines)}) >= 20
    counts = Counter(line.language for line in lines)
    assert [counts[language] for language in ("es", "fr", "it", "fi")] == [20, 20, 20, 20]
    assert len({line.id for line in lines}) == len(lines)
    assert len({line.text() for line in lines}) == len(lines)


def test_about_agrees_with_the_samples(lines: tuple[Sample, ...]) -> None:
    facts = dataset.about("film-lines")
    assert facts.samples == len(lines)
    assert set(facts.languages) == {line.language for line in lines}
    assert facts.licence == "CC0-1.0"


@pytest.mark.parametrize("language", ["en", "es", "fr", "it", "fi"])
def test_every_language_has_all_emotions(lines: tuple[Sample, ...], language: str) -> None:
    tags = [line.tags for line in lines if line.language == language]
    assert set().union(*tags) >= EMOTIONS | {"number", "money", "name", "abbreviation", "whisper", "shout"}
    assert all(len(of_line & EMOTIONS) <= 1 for of_line in tags)


def test_special_english_lines(lines: tuple[Sample, ...]) -> None:
    tagged: defaultdict[str, list[Sample]] = defaultdict(list)
    for line in english(lines):
        for tag in line.tags:
            tagged[tag].append(line)
    assert len(tagged["question-rise"]) >= 8
    assert all(words(line) >= 60 for line in tagged["monologue"]) and tagged["monologue"]
    assert tagged["tongue-twister"]


def test_questions_are_questions(lines: tuple[Sample, ...]) -> None:
    marked = [line for line in lines if line.tags & {"question", "question-rise"}]
    assert all("?" in line.text() for line in marked)
    assert not [line.id for line in lines if "?" in line.text() and line not in marked and line.id != "en-s10-l3"]


def test_whispers_and_shouts_are_directed(lines: tuple[Sample, ...]) -> None:
    for line in lines:
        direction = str(line.inputs.get("direction", ""))
        assert ("whisper" in line.tags) == any(word in direction for word in ("whisper", "under the breath")), line.id
        assert ("shout" in line.tags) == ("shout" in direction), line.id


def test_short_lines_are_tagged(lines: tuple[Sample, ...]) -> None:
    assert {line.id for line in lines if "short" in line.tags} == {line.id for line in lines if words(line) <= 3}


def test_the_first_line_of_an_english_scene_is_of_typical_length(lines: tuple[Sample, ...]) -> None:
    first: dict[str | None, Sample] = {}
    for line in english(lines):
        first.setdefault(line.cluster, line)
    assert {line.id: words(line) for line in first.values() if not 8 <= words(line) <= 18} == {}


def test_the_card_counts_right(lines: tuple[Sample, ...]) -> None:
    card = dataset.load("film-lines").card
    for row in card.splitlines():
        if row.startswith("| `"):
            tag, _, *cells = (cell.strip() for cell in row.strip("|").split("|"))
            counted = Counter(line.language for line in lines if tag.strip("`") in line.tags)
            told = [0 if cell == "–" else int(cell) for cell in cells]
            assert told == [counted[language] for language in ("en", "es", "fr", "it", "fi")], tag
