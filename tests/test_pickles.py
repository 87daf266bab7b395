"""Pickles of arrays are read; what would run something is refused before it runs."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
from filmbench.harness import pickles


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_arrays_and_plain_containers_come_out_as_they_went_in(protocol: int) -> None:
    whole = {"layer": [np.arange(3), np.float32(1.5)], "good": np.bool_(True), "name": "P0", "raw": b"\x80"}
    read = pickles.arrays(io.BytesIO(pickle.dumps(whole, protocol)))
    assert read["layer"][0].tolist() == [0, 1, 2]
    assert (read["layer"][1], read["good"], read["name"], read["raw"]) == (1.5, True, "P0", b"\x80")


def test_whatever_else_is_named_is_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "ran",))

    for bad in (Path, Evil()):
        with pytest.raises(pickle.UnpicklingError, match="no array"):
            pickles.arrays(io.BytesIO(pickle.dumps(bad)))
    assert not (tmp_path / "ran").exists()
