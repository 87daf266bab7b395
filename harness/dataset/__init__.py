"""Fixed data: what is asked of every arm, pinned by hash, with the human readings there are.

A dataset is named ``film-lines``, ``film-lines@1.0.0``, ``folder:/path`` (a folder in our own layout) or by
a layout that people already have on disk: ``ljspeech:/path``, ``libritts:/path``, ``vctk:/path``,
``seed-tts-eval:/path/to/meta.lst``.
"""

from filmbench.harness.dataset.catalogue import About, about, load, names, verify
from filmbench.harness.dataset.manifest import Dataset, Problem

__all__ = ["About", "Dataset", "Problem", "about", "load", "names", "verify"]
