"""A dataset's folder: ``dataset.toml`` pins ``samples.jsonl``, which pins every medium.

    name = "film-lines"
    version = "1.0.0"
    title = "…"
    contract = "tts"
    licence = "CC0-1.0"
    attribution = "…"
    human_reference = false
    languages = ["en"]
    samples = 155

    [files]
    "samples.jsonl" = "sha256 …"

A dataset whose media may not be committed has a table ``[recipe]``; its samples and media are then made by
``fetch`` in the cache folder, and the same pins hold there.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.harness.contracts import contract
from filmbench.harness.dataset.filehash import changed, sha256_of
from filmbench.harness.dataset.records import read_jsonl
from filmbench.harness.models import cache_folder
from filmbench.harness.types import Sample, UsageError, digest

SAMPLES = "samples.jsonl"
_TEXTS = ("name", "version", "title", "contract", "licence", "attribution")


@dataclass(frozen=True, slots=True)
class Dataset:
    """Samples with all that is needed to use and to credit them.

    ``sha256`` is the digest of the manifest, which pins every sample and medium. ``media`` tells where the
    artifact with a given sha256 lies. ``human_reference`` says whether people's readings are there to
    compare with.
    """

    name: str
    version: str
    title: str
    licence: str
    attribution: str
    card: str
    contract: str
    human_reference: bool
    samples: tuple[Sample, ...]
    sha256: str
    media: Mapping[str, Path]

    @property
    def ref(self) -> str:
        """``name@version``, the way to ask for exactly this."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as the manifest says, and the next step."""

    file: Path
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``dataset.toml`` says. ``folder`` holds the manifest, ``content`` the samples and media."""

    folder: Path
    content: Path
    table: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The dataset's name."""
        return str(self.table["name"])

    @property
    def version(self) -> str:
        """The dataset's version."""
        return str(self.table["version"])

    @property
    def recipe(self) -> Mapping[str, Any] | None:
        """How ``fetch`` makes the content; ``None`` where it is committed."""
        recipe: Mapping[str, Any] | None = self.table.get("recipe")
        return recipe

    @property
    def fetched(self) -> bool:
        """Whether samples and media are on this machine."""
        return (self.content / SAMPLES).is_file()

    def card(self) -> str:
        """The card, Markdown."""
        return (self.folder / "card.md").read_text(encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read ``folder/dataset.toml``. Raises :class:`UsageError` when it is absent or malformed."""
    file = folder / "dataset.toml"
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{folder} is no dataset: it has no dataset.toml", "see the layout in CONTRIBUTING") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: {error}", "mend that line") from None
    for key in _TEXTS:
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise UsageError(f"{file}: {key!r} must be a text", f'write {key} = "…"')
    if not isinstance(table.get("files", {}).get(SAMPLES), str):
        raise UsageError(f"{file}: no hash of {SAMPLES}", f'write "{SAMPLES}" = "sha256 …" under [files]')
    content = cache_folder() / "datasets" / table["name"] / table["version"] if "recipe" in table else folder
    return Manifest(folder, content, table)


def read_dataset(manifest: Manifest) -> Dataset:
    """Samples and media, checked against the pins. Raises :class:`UsageError` at the first that differs."""
    if not manifest.fetched:
        raise not_fetched(manifest)
    text = _pinned_samples(manifest)
    ref = f"{manifest.name}@{manifest.version}"
    asked = contract(manifest.table["contract"])
    records = read_jsonl(manifest.content / SAMPLES, text, asked, ref)
    media = {sha256: manifest.content / place for sha256, place in records.files.items()}
    for problem in _changed_media(manifest, media, fresh=False):
        raise UsageError(f"{problem.file}: {problem.message}", problem.hint)
    return Dataset(
        name=manifest.name,
        version=manifest.version,
        title=manifest.table["title"],
        licence=manifest.table["licence"],
        attribution=manifest.table["attribution"],
        card=manifest.card(),
        contract=asked.id,
        human_reference=bool(manifest.table.get("human_reference", False)),
        samples=records.samples,
        sha256=digest(dict(manifest.table)),
        media=media,
    )


def problems(manifest: Manifest) -> Iterator[Problem]:
    """Everything that differs from the pins; reads every byte. Raises :class:`UsageError` if not fetched."""
    if not manifest.fetched:
        raise not_fetched(manifest)
    for name, pin in manifest.table["files"].items():
        file = (manifest.content if name == SAMPLES else manifest.folder) / name
        if not file.is_file() or sha256_of(file) != pin:
            yield Problem(file, f"other bytes than {manifest.folder / 'dataset.toml'} pins", restore(manifest))
    try:
        text = (manifest.content / SAMPLES).read_text(encoding="utf-8")
        records = read_jsonl(manifest.content / SAMPLES, text, contract(manifest.table["contract"]), manifest.name)
    except (UsageError, UnicodeDecodeError) as error:
        yield Problem(manifest.content / SAMPLES, str(error), restore(manifest))
        return
    media = {sha256: manifest.content / place for sha256, place in records.files.items()}
    yield from _changed_media(manifest, media, fresh=True)


def _pinned_samples(manifest: Manifest) -> str:
    file = manifest.content / SAMPLES
    data = file.read_bytes()
    found, pin = hashlib.sha256(data).hexdigest(), manifest.table["files"][SAMPLES]
    if found != pin:
        raise UsageError(
            f"{file} is not the file that {manifest.folder / 'dataset.toml'} pins (sha256 {found}, pinned {pin})",
            restore(manifest),
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8: {error}", "save it as UTF-8 and pin its sha256") from None


def _changed_media(manifest: Manifest, media: Mapping[str, Path], fresh: bool) -> Iterator[Problem]:
    for file, found in changed({file: sha256 for sha256, file in media.items()}, fresh):
        what = f"other bytes than {SAMPLES} pins (sha256 {found})" if found else "is missing"
        yield Problem(file, what, restore(manifest))


def restore(manifest: Manifest) -> str:
    """What to do about changed content."""
    if manifest.recipe is not None:
        return f"filmbench datasets fetch {manifest.name}"
    return "restore the file; if the change is meant, raise the version and pin the new sha256"


def not_fetched(manifest: Manifest) -> UsageError:
    """The error for a dataset whose media are not on this machine yet."""
    return UsageError(
        f"the dataset {manifest.name!r} is not on this machine yet", f"filmbench datasets fetch {manifest.name}"
    )
