"""How datasets are made whose media may not be committed: one module a dataset, named by ``[recipe] by``.

A recipe writes media into a :class:`~filmbench.harness.dataset.recipes.content.Content` and yields samples:

    def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]: ...

What comes out must be the pinned bytes, or nothing is kept. So a recipe uses only what gives the same bytes on
every x86-64 machine: whole numbers, plain float arithmetic, the pinned packages; no threads, no neural networks.
"""

from __future__ import annotations

import ast
import importlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filmbench.harness.dataset.filehash import sha256_of
from filmbench.harness.dataset.manifest import SAMPLES, Manifest
from filmbench.harness.dataset.recipes.content import Content, Progress
from filmbench.harness.types import UsageError, digest

_HERE = Path(__file__).parent
MADE_BY = "recipe.sha256"
"""Beside the samples: which recipe made them."""


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
        (content.folder / MADE_BY).write_text(fingerprint(manifest), encoding="utf-8")
        if manifest.content.exists():
            manifest.content.rename(Path(scratch) / "replaced")
        content.folder.rename(manifest.content)


def edited(manifest: Manifest) -> bool:
    """Whether the content was made by another recipe than today's: pins tell of its bytes, not of who makes them."""
    mark = manifest.content / MADE_BY
    return not mark.is_file() or mark.read_text(encoding="utf-8") != fingerprint(manifest)


def fingerprint(manifest: Manifest) -> str:
    """sha256 of the recipe: its table in the manifest, its module and those of this package that it imports."""
    recipe = manifest.recipe or {}
    sources = {path.stem: sha256_of(path) for path in _modules(_HERE / f"{recipe.get('by')}.py")}
    return digest({"recipe": dict(recipe), "modules": sources})


def _modules(first: Path) -> set[Path]:
    """``first`` and every module of this package that it leads to; none where it does not exist."""
    found: set[Path] = set()
    waiting = [first]
    while waiting:
        path = waiting.pop()
        if path.is_file() and path not in found:
            found.add(path)
            waiting += (path.with_name(f"{name}.py") for name in _imported(path))
    return found


def _imported(path: Path) -> Iterator[str]:
    """Names of this package's modules that the one at ``path`` imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == __name__:
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{__name__}."):
            yield (node.module or "").removeprefix(f"{__name__}.")
