"""The truth of each sample, as a row of the table: what people, or the recipe that made the sample, gave."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from filmbench.adapters.local._files import copied
from filmbench.harness.contracts import CONTRACTS, Contract, contract
from filmbench.harness.protocols import LocalEngine, Media, ProviderSpec, Refusal
from filmbench.harness.types import Artifact, Request, Sample


def recording(sample: Sample) -> Artifact | None:
    """The human reading that the sample carries, or ``None``."""
    found = sample.references.get("speech")
    return found if isinstance(found, Artifact) else None


def _answered(asked: Contract) -> bool:
    """Whether references can stand for all that the contract must give."""
    references = {role.name for role in asked.references}
    return all(role.name in references for role in asked.outputs if role.required)


class Reference(LocalEngine):
    """Hands out the sample's own references, byte for byte. A sample without them is ``unsupported``."""

    spec = ProviderSpec(
        id="local/reference",
        contracts=tuple(asked.id for asked in CONTRACTS.values() if _answered(asked)),
        title="Reference",
        revision="1",
        licence="the dataset's",
        role="reference",
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Nothing but the reference decides what comes out."""
        return {}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Copy the references. Raises :class:`Refusal` where a required one is missing."""
        files = {}
        for role in contract(request.contract).outputs:
            found = request.sample.references.get(role.name)
            if isinstance(found, Artifact):
                files[role.name] = copied(found, role.name, media, folder)
            elif role.required:
                raise Refusal("no human reference" if request.contract == "tts" else "no reference")
        return files


PROVIDERS = (Reference(),)
