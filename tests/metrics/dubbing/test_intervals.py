"""Time as intervals: worked examples."""

from __future__ import annotations

import pytest
from filmbench.metrics.dubbing import intervals

SOURCE = [(0.0, 0.4), (0.7, 2.0)]
DUB = [(0.1, 0.5), (0.7, 1.8)]


def test_overlap_of_the_worked_example():
    assert intervals.common(SOURCE, DUB) == pytest.approx(1.4)
    found = intervals.overlap(SOURCE, DUB)
    assert found.recall == pytest.approx(0.8235294, abs=1e-6)
    assert found.iou == pytest.approx(0.7777778, abs=1e-6)
    assert found.f1 == pytest.approx(0.875)


def test_duration_compliance_of_the_worked_example():
    ratios = [0.95, 1.02, 1.3, 0.88, 1.1]
    assert intervals.compliant(ratios, 0.1) == 3
    assert intervals.compliant(ratios, 0.2) == 4


def test_intervals_merge_over_gaps_and_empty_ones_go():
    assert intervals.merged([(3, 4), (0, 1), (1, 2), (2.5, 2.5)]) == [(0, 2), (3, 4)]
    assert intervals.merged(SOURCE, 0.6) == [(0.0, 2.0)]


def test_onsets_and_lengths_are_per_line_of_the_source():
    source, dub = [(1.0, 2.0), (4.0, 6.0)], [(0.9, 2.4), (4.2, 5.2)]
    assert intervals.onset_offsets(source, dub) == pytest.approx([-0.1, 0.2])
    assert intervals.length_ratios(source, dub) == pytest.approx([1.5, 0.5])
    assert intervals.length_ratios(source, [(0.0, 7.0)]) == pytest.approx([4.0, 1.5]), "speech from zero to the end"
