"""The size on disk that a card states before people fetch is the true one."""

from __future__ import annotations

import re

import pytest
from filmbench.harness import dataset
from filmbench.harness.dataset import catalogue

MADE = [name for name in dataset.names() if catalogue._manifest(name).recipe is not None]
HERE = {"camera-pairs", "noisy-shots", "prompt-edits", "removal-shots", "roto-shots"}
"""Drawn from installed packages in seconds, as other tests do anyway; the rest is looked at where it has been made."""


@pytest.mark.parametrize("name", MADE)
def test_a_card_states_the_true_size(name: str) -> None:
    stated = re.findall(r"([0-9.]+) MB on disk", catalogue.about(name).card)
    assert len(stated) == 1, "a dataset that is made or fetched says what it takes"
    if name in HERE:
        catalogue.fetch(name)
    if not catalogue.about(name).fetched:
        pytest.skip(f"{name} is not on this machine")
    folder = catalogue._manifest(name).content
    real = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
    assert float(stated[0]) == pytest.approx(real, rel=0.2)
