"""What each stage and task takes and gives, by role. Unlike contracts are never ranked together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from filmbench.harness.types import UsageError

Kind = Literal["text", "audio", "video", "clip", "image", "matte", "json", "joints", "bvh"]
"""What a role holds.

``video`` is moving pictures, with or without sound; ``clip`` is sound with or without pictures; ``matte`` is
one lossless video of grey levels (0 background, 255 foreground); ``joints`` is an ``.npz`` of a body's joints
in metres (see :mod:`filmbench.harness.media.joints`); ``json`` and ``bvh`` are text files.
"""


@dataclass(frozen=True, slots=True)
class Role:
    """One named input, output or reference.

    ``many`` roles hold a list of artifacts. ``person`` marks an input whose face or voice the take will wear:
    where it may be a real person's, consent is needed before it leaves this machine.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = True
    many: bool = False
    person: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """A question that providers of one stage can be asked, and the shape of its answer.

    ``primary`` are the metrics that rank, named in advance; a stage that only people can rank names none.
    """

    id: str
    title: str
    inputs: tuple[Role, ...]
    outputs: tuple[Role, ...]
    references: tuple[Role, ...]
    primary: tuple[str, ...]

    @property
    def stage(self) -> str:
        """The step of film making: the id's part before the slash."""
        return self.id.split("/", 1)[0]

    @property
    def reworks(self) -> bool:
        """Whether takes are made out of the sample's own media, so that their rights go with it."""
        return any(role.kind != "text" for role in self.inputs if role.required)

    def output(self, name: str) -> Role:
        """The output role called ``name``. Raises ``KeyError``."""
        for role in self.outputs:
            if role.name == name:
                return role
        raise KeyError(f"contract {self.id!r} gives no {name!r}")


def _optional(name: str, kind: Kind, meaning: str) -> Role:
    return Role(name, kind, meaning, required=False)


TTS = Contract(
    id="tts",
    title="Text to speech",
    inputs=(
        Role("text", "text", "the line, as written in the script"),
        _optional("direction", "text", "how to speak it (whispered, shouting, …)"),
        Role("voice_sample", "audio", "a recording of the voice to clone", required=False, person=True),
    ),
    outputs=(
        Role("speech", "audio", "the spoken line, mono or stereo, any rate"),
        _optional("phonemes", "json", "when each phoneme sounds, as the engine says: ``[[IPA, start, end], …]``"),
    ),
    references=(_optional("speech", "audio", "a person reading the same text"),),
    primary=("tts.cer", "tts.distillmos"),
)

DUBBING = Contract(
    id="dubbing",
    title="Dubbing",
    inputs=(
        Role("source", "clip", "the scene in its own language: a recording, or a video with sound", person=True),
        Role("source_language", "text", "the language spoken in it, as in ``en``"),
        _optional("transcript", "text", "what is said in it; most services find it themselves"),
        _optional("translation", "text", "what a human translator wrote, for services that take a script"),
    ),
    outputs=(
        Role("dubbed", "clip", "the scene in the sample's language, as long as the source"),
        _optional("script", "text", "the translation that is spoken"),
    ),
    references=(
        _optional("dubbed", "clip", "the scene in the sample's language, by people"),
        _optional("translation", "text", "what a human translator wrote"),
        _optional("transcript", "text", "what is said in the source"),
        _optional("background", "audio", "music and effects of the scene without its speech"),
        _optional("speech_times", "json", "where the source speaks: ``[[start, end], …]`` in seconds"),
    ),
    primary=("dubbing.chrf",),
)

LIPSYNC = Contract(
    id="lipsync",
    title="Lip sync",
    inputs=(
        Role("video", "video", "a face, speaking or still", person=True),
        Role("speech", "audio", "what the mouth is to say"),
        _optional("text", "text", "the words of the speech"),
    ),
    outputs=(Role("video", "video", "the face speaking, with the speech as its sound"),),
    references=(
        _optional("video", "video", "the same face truly speaking the same words"),
        _optional("mouth", "json", "the true mouth, frame by frame: ``{fps, aperture, landmarks}``"),
        _optional("phonemes", "json", "the true phonemes with their times in seconds"),
        _optional("text", "text", "the words of the speech"),
    ),
    primary=("lipsync.aperture_correlation",),
)

MOCAP = Contract(
    id="mocap",
    title="Motion capture",
    inputs=(
        Role("video", "video", "one person, one camera"),
        _optional("camera", "json", "its intrinsics and pose: see :mod:`filmbench.harness.media.joints`"),
        _optional("skeleton", "json", "the actor's bone lengths in metres"),
    ),
    outputs=(
        Role("joints", "joints", "where each joint is, frame by frame"),
        _optional("bvh", "bvh", "the same motion for animation software"),
    ),
    references=(_optional("joints", "joints", "where each joint truly was"),),
    primary=("mocap.pa_mpjpe",),
)

ROTO = Contract(
    id="editing/roto",
    title="Rotoscoping",
    inputs=(
        Role("video", "video", "a shot with something to cut out"),
        _optional("first_mask", "image", "the true mask of the first frame, 0 or 255"),
        _optional("key_colour", "text", "the colour of the screen behind it, as ``#00b140``"),
    ),
    outputs=(Role("matte", "matte", "its opacity, frame by frame"),),
    references=(_optional("matte", "matte", "its true opacity"),),
    primary=("roto.jf_2px",),
)

REMOVAL = Contract(
    id="editing/removal",
    title="Object removal",
    inputs=(
        Role("video", "video", "a shot with something in it that must go"),
        Role("mask", "matte", "where it is: 255"),
    ),
    outputs=(Role("video", "video", "the shot without it"),),
    references=(_optional("video", "video", "the shot as it is without it"),),
    primary=("removal.psnr_hole",),
)

DENOISE_PICTURE = Contract(
    id="editing/denoise-picture",
    title="Picture denoising",
    inputs=(Role("video", "video", "a noisy shot"),),
    outputs=(Role("video", "video", "the shot without its noise"),),
    references=(_optional("video", "video", "the shot before the noise"),),
    primary=("denoise_picture.psnr",),
)

DENOISE_SOUND = Contract(
    id="editing/denoise-sound",
    title="Sound denoising",
    inputs=(Role("sound", "audio", "noisy speech"),),
    outputs=(Role("sound", "audio", "the speech without its noise, as long and in time"),),
    references=(
        _optional("sound", "audio", "the speech before the noise"),
        _optional("text", "text", "what is said"),
    ),
    primary=("denoise_sound.si_sdr",),
)

COLOUR = Contract(
    id="editing/colour",
    title="Colour match",
    inputs=(
        Role("video", "video", "the shot to grade"),
        Role("look", "video", "the shot whose colours it must have"),
    ),
    outputs=(Role("video", "video", "the graded shot"),),
    references=(_optional("video", "video", "the shot as the other camera saw it"),),
    primary=("colour.delta_e",),
)

CUT = Contract(
    id="editing/cut",
    title="Text-based cutting",
    inputs=(
        Role("source", "clip", "a recording of speech"),
        Role("script", "text", "what is said in it, word by word"),
        Role("keep", "text", "the script as it must be after the cut: some of its words, in order"),
    ),
    outputs=(
        Role("cut", "clip", "the recording with only those words"),
        _optional("timeline", "json", "the cut list, as OpenTimelineIO"),
        _optional("edl", "text", "the cut list, as CMX 3600"),
    ),
    references=(
        _optional("words", "json", "the true times: ``[{word, start, end, keep}, …]`` in seconds"),
        _optional("cut", "clip", "the recording of only those words"),
        _optional("timeline", "json", "the true cut list, as OpenTimelineIO"),
    ),
    primary=("cut.lost_words",),
)

SHOTS = Contract(
    id="editing/shots",
    title="Shot boundaries",
    inputs=(Role("video", "video", "an edited film"),),
    outputs=(Role("shots", "json", "``[[first, last], …]``, the frames of each shot, counted from 0"),),
    references=(_optional("shots", "json", "the true shots"),),
    primary=("shots.f1",),
)

MATCH_CUT = Contract(
    id="editing/match-cut",
    title="Match cutting",
    inputs=(Role("shots", "video", "the shots to choose from", many=True),),
    outputs=(Role("ranking", "json", "``[[i, j, score], …]``: pairs of shots, the best cut first"),),
    references=(_optional("pairs", "json", "``[[i, j], …]``: the pairs that are match cuts"),),
    primary=("match_cut.average_precision",),
)

PROMPT_EDIT = Contract(
    id="editing/prompt",
    title="Editing by prompt",
    inputs=(
        Role("video", "video", "the shot"),
        Role("instruction", "text", "the change, in words: make it night"),
    ),
    outputs=(Role("video", "video", "the changed shot"),),
    references=(
        _optional("video", "video", "the shot changed by hand"),
        _optional("source_caption", "text", "what the shot shows"),
        _optional("caption", "text", "what the changed shot shows"),
    ),
    primary=(),
)

CG_CHARACTER = Contract(
    id="editing/cg-character",
    title="CG character",
    inputs=(
        Role("video", "video", "one person acting, one camera"),
        Role("character", "image", "the character that is to take the person's place"),
        _optional("camera", "json", "its intrinsics and pose: see :mod:`filmbench.harness.media.joints`"),
        _optional("skeleton", "json", "the actor's bone lengths in metres"),
    ),
    outputs=(
        Role("video", "video", "the film with the character in the person's place"),
        _optional("plate", "video", "the film without the person"),
        _optional("matte", "matte", "the person's opacity, frame by frame"),
        _optional("joints", "joints", "where each of the person's joints is, frame by frame"),
        _optional("bvh", "bvh", "the same motion for animation software"),
    ),
    references=(
        _optional("video", "video", "the film with the character truly there"),
        _optional("plate", "video", "the film as it is without the person"),
        _optional("matte", "matte", "the person's true opacity"),
        _optional("joints", "joints", "where each joint truly was"),
    ),
    primary=("mocap.pa_mpjpe", "roto.jf_2px", "cg_plate.psnr_hole"),
)

VIDEO = Contract(
    id="video",
    title="Video generation",
    inputs=(
        Role("prompt", "text", "what is to be seen"),
        Role("seconds", "text", "how long"),
        Role("size", "text", "how large, as ``1280x720``"),
        Role("fps", "text", "how many frames a second"),
        _optional("image", "image", "the first frame"),
        _optional("video", "video", "a clip to go on from or to change"),
    ),
    outputs=(Role("video", "video", "the clip"),),
    references=(_optional("video", "video", "a true clip of it"),),
    primary=(),
)

BACKGROUND = Contract(
    id="background",
    title="Backgrounds",
    inputs=(
        Role("prompt", "text", "the place, its light and its mood"),
        Role("size", "text", "how large, as ``1920x1080``"),
        _optional("palette", "text", "colours to paint with, as ``#102040 #f0c080``"),
    ),
    outputs=(
        Role("image", "image", "the background"),
        Role("layers", "image", "its layers from back to front, with alpha", required=False, many=True),
    ),
    references=(_optional("image", "image", "a true picture of it"),),
    primary=(),
)

CONTRACTS = {
    contract.id: contract
    for contract in (
        TTS,
        DUBBING,
        LIPSYNC,
        MOCAP,
        ROTO,
        REMOVAL,
        DENOISE_PICTURE,
        DENOISE_SOUND,
        COLOUR,
        CUT,
        SHOTS,
        MATCH_CUT,
        PROMPT_EDIT,
        CG_CHARACTER,
        VIDEO,
        BACKGROUND,
    )
}
STAGES = tuple(dict.fromkeys(contract.stage for contract in CONTRACTS.values()))


def contract(id: str) -> Contract:
    """The contract called ``id``. Raises :class:`UsageError` naming those there are."""
    try:
        return CONTRACTS[id]
    except KeyError:
        raise UsageError(f"there is no contract {id!r}", f"contracts: {', '.join(CONTRACTS)}") from None
