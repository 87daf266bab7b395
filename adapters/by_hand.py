"""Tools that only people work: their takes come as files, through ``filmbench import``.

Midjourney's terms forbid automation; Flow Studio (once Wonder Dynamics) has no public API; After Effects and Premiere
are desktop programs whose roto brush, grading and text-based cutting no program can call. ``by-hand/other`` stands for
every other tool and for people who work as they always did.

What such tools export is taken as film people exchange it; see :mod:`filmbench.adapters._exchange`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from filmbench.harness.contracts import CONTRACTS
from filmbench.harness.media.names import MEDIA_TYPES, SEQUENCES, USD
from filmbench.harness.protocols import (
    Made,
    Media,
    OneCall,
    Prepared,
    ProviderSpec,
    Refusal,
    Retry,
    Sink,
    TakenIn,
)
from filmbench.harness.types import FREE, Outcome, Quote, Request, Usage


class ByHand(OneCall):
    """One tool. Nothing is asked over any network; whoever asks all the same is told why not."""

    def __init__(self, name: str, title: str, why: str, contracts: tuple[str, ...], licence: str) -> None:
        self.spec = ProviderSpec(
            id=f"by-hand/{name}",
            contracts=contracts,
            title=title,
            revision="1",
            licence=licence,
            verified="import",
            by_hand=why,
        )

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """Nothing is sent, so nothing is spent; what the maker paid is typed in with the files."""
        return Quote(FREE, FREE)

    async def prepare(self, request: Request, media: Media) -> Prepared:
        """Raises :class:`Refusal`: only people can ask."""
        raise Refusal(f"by import only: {self.spec.by_hand}", Outcome.NOT_SUPPLIED)

    async def generate(self, prepared: Prepared, sink: Sink) -> Usage | None:
        """Raises :class:`Refusal`, as :meth:`prepare` does."""
        raise Refusal(f"by import only: {self.spec.by_hand}", Outcome.NOT_SUPPLIED)

    def classify(self, error: BaseException) -> Retry:
        """Nothing was asked, so whatever went wrong, nothing was supplied."""
        return Retry(Outcome.NOT_SUPPLIED, str(error))

    def take_in(self, request: Request, files: Mapping[str, tuple[Path, ...]], media: Media, folder: Path) -> TakenIn:
        """See :class:`~filmbench.harness.protocols.Handwork`; files in the contract's own formats stay as they are."""
        from filmbench.adapters import _exchange as exchange
        from filmbench.adapters.local import _pictures as pictures
        from filmbench.harness.media import timeline

        made: dict[str, Made | list[Made]] = {}
        notes = []
        for role, many in files.items():
            suffix = many[0].suffix.lower()
            if suffix in SEQUENCES and exchange.is_matte(request, role):
                made[role], note = exchange.matte(many, pictures.shot(request, media), folder)
                notes.append(note)
            elif suffix == exchange.LUT:
                made[role], note = exchange.graded(many[0], pictures.shot(request, media), folder)
                notes.append(note)
            elif suffix in USD:
                made[role], note = exchange.skeleton(many[0], folder)
                notes.append(note)
            elif exchange.is_matte(request, role) and (found := exchange.layered(many[0], folder)):
                made[role], note = found
                notes.append(note)
            elif suffix in timeline.FORMATS and suffix not in MEDIA_TYPES:
                made[role] = timeline.to_otio(many[0], folder / "own.otio")
            else:
                plain = [(file, MEDIA_TYPES[file.suffix.lower()]) for file in many]
                made[role] = plain if len(plain) > 1 else plain[0]
        if "bvh" in files and "joints" not in files:
            made["joints"], note = exchange.skeleton(files["bvh"][0], folder)
            notes.append(note)
        if request.contract == "editing/cut" and "cut" not in files:
            role = "timeline" if "timeline" in files else "edl"
            cut, note = exchange.conformed(files[role][0], request, media, folder)
            made = {**cut, **made}
            notes.append(note)
        return TakenIn(made, tuple(notes))


PROVIDERS = (
    ByHand("midjourney", "Midjourney", "its terms forbid automation", ("background",), "terms of Midjourney"),
    ByHand(
        "flow-studio",
        "Autodesk Flow Studio (Wonder Dynamics)",
        "it has no public API",
        ("editing/cg-character", "mocap", "editing/roto", "editing/removal"),
        "terms of Autodesk",
    ),
    ByHand(
        "after-effects",
        "Adobe After Effects",
        "a desktop program whose tools no API reaches",
        ("editing/roto", "editing/removal", "editing/denoise-picture", "editing/colour", "editing/prompt"),
        "terms of Adobe",
    ),
    ByHand(
        "premiere",
        "Adobe Premiere",
        "a desktop program whose tools no API reaches",
        ("editing/cut", "editing/colour", "editing/denoise-sound", "editing/shots"),
        "terms of Adobe",
    ),
    ByHand("other", "Any tool, worked by hand", "people make it", tuple(CONTRACTS), "as its maker states"),
)
