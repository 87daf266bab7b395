"""Pickles that hold numpy arrays in plain containers, read without running anything they name."""

from __future__ import annotations

import pickle
from typing import Any, BinaryIO


def arrays(stream: BinaryIO) -> Any:
    """What the pickle in ``stream`` holds; whatever it names but arrays is refused before it runs.

    Raises ``pickle.UnpicklingError``, and what a damaged pickle raises (``EOFError``, ``ValueError``, …).
    """
    return _ArraysOnly(stream).load()


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Numpy's own way back to an array or a number, under its old name or its new one."""
        import numpy as np

        match module.replace("numpy._core", "numpy.core"), name:
            case "numpy.core.multiarray", "_reconstruct":
                return np._core.multiarray._reconstruct  # type: ignore[attr-defined]
            case "numpy.core.multiarray", "scalar":
                return np._core.multiarray.scalar  # type: ignore[attr-defined]
            case "numpy.core.numeric", "_frombuffer":  # protocol 5
                return np._core.numeric._frombuffer  # type: ignore[attr-defined]
            case "_codecs", "encode":  # how pickles of protocol 2 hold bytes
                return _latin1
            case "numpy", "ndarray":
                return np.ndarray
            case "numpy", "dtype":
                return np.dtype
        raise pickle.UnpicklingError(f"names {module}.{name}, which is no array")


def _latin1(text: str, encoding: str = "latin1") -> bytes:
    return text.encode("latin1")
