"""Asked and delivered: length, frame rate and size."""

from __future__ import annotations

from dataclasses import replace

import pytest
from filmbench.harness.types import Sample
from filmbench.metrics.frames.delivery import Delivery, asked_size
from films import HEIGHT, WIDTH, panned, picture

TEXTS, INPUT = Delivery("t", "video"), Delivery("t", "video", asked="input.video")


def found(metric, view) -> list[float | None]:
    scores = metric.score(view)
    assert [score.metric for score in scores] == ["t.length_error", "t.rate_error", "t.size"]
    return [score.value for score in scores]


@pytest.mark.parametrize(
    ("seconds", "fps", "size", "expected"),
    [
        ("0.4", "25", f"{WIDTH}x{HEIGHT}", [0, 0, 1]),
        ("1 s", "24", f"{2 * WIDTH}×{2 * HEIGHT}", [0.6, 1, 0.25]),
        ("0.2", "50 fps", f"{WIDTH // 2}x{HEIGHT // 2}", [0.2, 25, 1]),
        ("0.4", "25", f"{HEIGHT}x{WIDTH}", [0, 0, 0]),
        ("soon", "", "large", [None, None, None]),
    ],
)
def test_against_what_the_texts_ask(studio, seconds: str, fps: str, size: str, expected: list[float | None]) -> None:
    view = studio.view(studio.film(panned(10)))
    view.sample = Sample("s", "d", {"seconds": seconds, "fps": fps, "size": size})
    for value, right in zip(found(TEXTS, view), expected, strict=True):
        assert value == (right if right is None else pytest.approx(right, abs=1e-6))


def test_against_a_film(studio) -> None:
    source, shorter = studio.film(panned(10)), studio.film(panned(5), 50)
    assert found(INPUT, studio.view(source, {}, {"video": source})) == [0, 0, 1]
    assert found(INPUT, studio.view(shorter, {}, {"video": source})) == pytest.approx([0.3, 25, 1])
    assert found(INPUT, studio.view(source)) == [None] * 3


def test_a_broken_take_has_a_reason(studio) -> None:
    film = studio.film([picture()])
    film.path.write_bytes(film.path.read_bytes()[:200])
    view = studio.view(film)
    view.sample = replace(view.sample, inputs={"seconds": "1"})
    assert all(score.value is None and "damaged" in score.reason for score in TEXTS.score(view))


def test_sizes_are_read_as_people_write_them() -> None:
    assert asked_size("1280x720") == asked_size(" 1280 × 720 ") == (1280, 720)
    assert asked_size("720p") is asked_size("0x9") is asked_size(None) is None
