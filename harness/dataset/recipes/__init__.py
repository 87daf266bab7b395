"""How datasets are made whose media may not be committed: one module a dataset, named by ``[recipe] by``.

A recipe writes media into a :class:`~filmbench.harness.dataset.recipes.content.Content` and yields samples:

    def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]: ...

What comes out must be the pinned bytes, or nothing is kept. So a recipe uses only what gives the same bytes on
every x86-64 machine: whole numbers, plain float arithmetic, the pinned packages; no threads, no neural networks.
"""

from __future__ import annotations

import importlib
import tempfile
from pathlib import Path

from filmbench.harness.dataset.filehash import sha256_of
from filmbench.harness.dataset.manifest import SAMPLES, Manifest
from filmbench.harness.dataset.recipes.content import Content, Progress
from filmbench.harness.types import UsageError


def build(manifest: Manifest, progress: Progress) -> None:
    """Make ``manifest.content``, whole or not at all. Raises :class:`UsageError` where bytes are not pinned."""
    name = str((manifest.recipe or {}).get("by", ""))
    try:
        recipe = importlib.import_module(f"{__name__}.{name}") if name.isidentifier() else None
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.{name}":
            raise UsageError(f"{manifest.name} is made with {error.name}", f"pip install {error.name}") from None
        recipe = None
    if recipe is None:
        raise UsageError(f"{manifest.folder / 'dataset.toml'}: there is no recipe {name!r}", "mend 'by' under [recipe]")
    manifest.content.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=manifest.content.parent, prefix=".fetch-") as scratch:
        content = Content(Path(scratch) / "content", Path(scratch) / "scratch")
        content.write(recipe.build(manifest, content, progress))
        found = sha256_of(content.folder / SAMPLES)
        if found != manifest.table["files"][SAMPLES]:
            raise UsageError(
                f"{manifest.name} came out otherwise than {manifest.folder / 'dataset.toml'} pins (sha256 {found})",
                "install the pinned packages: python3 harness/setup/bootstrap.py setup",
            )
        if manifest.content.exists():
            manifest.content.rename(Path(scratch) / "replaced")
        content.folder.rename(manifest.content)
