"""Fixed data: what is asked of every arm, pinned by hash, with the human readings there are.

A dataset is named ``film-lines``, ``film-lines@1.0.0``, ``folder:/path`` (a folder in our own layout) or by
a layout that people already have on disk: ``ljspeech:/path``, ``libritts:/path``, ``vctk:/path``,
``seed-tts-eval:/path/to/meta.lst``; another language than the layout's own is named as ``ljspeech@de:/path``.
Motion capture comes as ``aistpp:/path``, ``emdb:/path`` (with the user's own SMPL model) and ``human36m:/path``.
"""

from filmbench.harness.dataset.catalogue import About, about, fetch, load, names, verify
from filmbench.harness.dataset.manifest import Dataset, Problem
from filmbench.harness.dataset.references import import_references, with_references

__all__ = [
    "About",
    "Dataset",
    "Problem",
    "about",
    "fetch",
    "import_references",
    "load",
    "names",
    "verify",
    "with_references",
]
