"""What each stage and task takes and gives, by role. Unlike contracts are never ranked together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from filmbench.harness.types import UsageError

Kind = Literal["text", "audio", "video", "image", "json", "bvh", "joints", "matte"]


@dataclass(frozen=True, slots=True)
class Role:
    """One named input, output or reference. ``many`` roles hold a list of artifacts."""

    name: str
    kind: Kind
    meaning: str
    required: bool = True
    many: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """A question that providers of one stage can be asked, and the shape of its answer."""

    id: str
    title: str
    inputs: tuple[Role, ...]
    outputs: tuple[Role, ...]
    references: tuple[Role, ...]
    primary: tuple[str, ...]

    def output(self, name: str) -> Role:
        """The output role called ``name``. Raises ``KeyError``."""
        for role in self.outputs:
            if role.name == name:
                return role
        raise KeyError(f"contract {self.id!r} gives no {name!r}")


TTS = Contract(
    id="tts",
    title="Text to speech",
    inputs=(
        Role("text", "text", "the line, as written in the script"),
        Role("direction", "text", "how to speak it (whispered, shouting, …)", required=False),
        Role("voice_sample", "audio", "a recording of the voice to clone; needs consent", required=False),
    ),
    outputs=(Role("speech", "audio", "the spoken line, mono or stereo, any rate"),),
    references=(Role("speech", "audio", "a person reading the same text", required=False),),
    primary=("tts.cer", "tts.distillmos"),
)

CONTRACTS = {contract.id: contract for contract in (TTS,)}


def contract(id: str) -> Contract:
    """The contract called ``id``. Raises :class:`UsageError` naming those there are."""
    try:
        return CONTRACTS[id]
    except KeyError:
        raise UsageError(f"there is no contract {id!r}", f"contracts: {', '.join(CONTRACTS)}") from None
