"""Exchange files of film people turned into what the contracts give: mattes, looks, cut lists, skeletons.

- a **sequence** of numbered PNG or EXR pictures, or a film with an alpha channel (ProRes 4444), becomes one lossless
  matte film: its alpha where any picture has one that is not opaque everywhere, else its brightness;
- a **LUT** (``.cube``, one- or three-dimensional) is applied to the sample's own shot, tetrahedrally;
- a **cut list** (OTIO, CMX 3600, AAF, XML of Final Cut) is carried out on the sample's own recording, with hard cuts;
- a **BVH** or a **USD** with a skeleton gives the joints it moves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from filmbench.adapters import _cutting as cutting
from filmbench.adapters.local import _pictures as pictures
from filmbench.harness.contracts import contract
from filmbench.harness.media import bvh, documents, joints, still, timeline, usd
from filmbench.harness.media.clip import AudioClip
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.names import USD
from filmbench.harness.media.video import VideoClip, has_picture
from filmbench.harness.media.write import write_lossless
from filmbench.harness.protocols import Made, Media
from filmbench.harness.types import Artifact, Request

LUT = ".cube"
COMMENT = "made by hand, taken in by filmbench"
CONTAINER = "video/quicktime"
LARGEST_LUT = 129
_TICK = Fraction(1, 25)


def is_matte(request: Request, role: str) -> bool:
    """Whether the contract gives a matte in ``role``, for which a sequence of pictures may stand."""
    return contract(request.contract).output(role).kind == "matte"


def matte(files: Sequence[Path], shot: pictures.Shot, folder: Path) -> tuple[Made, str]:
    """One film of a numbered sequence, with a word on how it was read.

    Raises :class:`BadMedia` for a gap in the numbers, another length or size than the shot's and damaged pictures.
    """
    ordered = _numbered(files)
    if len(ordered) != shot.facts.frames:
        raise BadMedia(ordered[0], f"{len(ordered)} pictures stand for the {shot.facts.frames} frames of the shot")
    see_through = any((_opacity(decoded) < 255).any() for decoded in _decoded(ordered, shot.size) if _alpha(decoded))
    value = _opacity if see_through else _brightness
    greys = (value(decoded) for decoded in _decoded(ordered, shot.size))
    made = write_lossless(folder / "matte.mkv", greys, shot.facts.fps, comment=COMMENT)
    kind = ordered[0].suffix[1:].upper()
    return made, f"matte from {len(ordered)} {kind} pictures, their {'alpha' if see_through else 'brightness'}"


def layered(file: Path, folder: Path) -> tuple[Made, str] | None:
    """The matte in a film that has an alpha channel, with a word on how it was read; ``None`` where it has none.

    Raises :class:`BadMedia`.
    """
    import av

    film = VideoClip(Artifact("0" * 64, CONTAINER, file.stat().st_size), file)
    if not any(component.is_alpha for component in av.VideoFormat(film.facts.pixel_format).components):
        return None
    see_through = any((frame.grey < 255).any() for frame in film.frames())
    greys = (frame.grey if see_through else _luminance(frame.rgb) for frame in film.frames())
    made = write_lossless(folder / "matte.mkv", greys, film.facts.fps, comment=COMMENT)
    return made, f"matte from the {'alpha' if see_through else 'brightness'} of {file.name}"


def graded(cube: Path, shot: pictures.Shot, folder: Path) -> tuple[Made, str]:
    """The shot with a LUT applied to it. Raises :class:`BadMedia` for a LUT that is none."""
    look = _Look(cube, shot.size)
    frames = (look.on(picture, index) for index, picture in enumerate(shot.pictures()))
    made = write_lossless(folder / "video.mkv", frames, shot.facts.fps, shot.sound(), comment=COMMENT)
    return made, f"the look {cube.name} ({look.words}) applied to the shot by filmbench"


def conformed(cuts: Path, request: Request, media: Media, folder: Path) -> tuple[Mapping[str, Made], str]:
    """The recording cut as a list says, with the list as filmbench writes it.

    Raises :class:`BadMedia` for a list that cannot be read and one that asks for more than there is.
    """
    artifact = request.sample.inputs["source"]
    assert isinstance(artifact, Artifact)
    path = media.path(artifact)
    film = VideoClip(artifact, path) if has_picture(path) else None
    rate = Fraction(film.facts.fps).limit_denominator(1001) if film else timeline.SOUND_EDL_RATE
    source = AudioClip(artifact, path)
    spans = timeline.read(cuts, rate)
    over = max(end for _, end in spans) - source.seconds
    if over > 1 / rate or min(start for start, _ in spans) < 0:
        raise BadMedia(cuts, f"keeps what lies outside the recording, which is {source.seconds:.2f} s long")
    if any(start >= source.seconds for start, _ in spans):
        raise BadMedia(cuts, "keeps nothing of the recording in one of its clips")
    found = cutting.cut(source, [(start, min(end, source.seconds)) for start, end in spans], 0.0, folder)
    return found, f"the recording cut by filmbench as {cuts.name} says"


def skeleton(moved: Path, folder: Path) -> tuple[Made, str]:
    """The joints that a BVH or a USD moves. Raises :class:`BadMedia`."""
    motion = usd.read(moved) if moved.suffix.lower() in USD else bvh.read(moved)
    return joints.write(folder / "joints.npz", motion), f"joints of {moved.name}"


# --- sequences -----------------------------------------------------------------------------------------


def _numbered(files: Sequence[Path]) -> list[Path]:
    """``files`` by the number their names end in, which must run without a gap."""
    by_number: dict[int, Path] = {}
    for file in files:
        found = re.search(r"(\d{1,9})$", file.stem)
        if found is None:
            raise BadMedia(file, "its name ends in no number, as the pictures of a sequence do")
        if int(found[1]) in by_number or file.suffix.lower() != files[0].suffix.lower():
            raise BadMedia(file, "the sequence holds two pictures of one number, or of two kinds")
        by_number[int(found[1])] = file
    first = min(by_number)
    if gap := next((number for number in range(first, first + len(by_number)) if number not in by_number), None):
        raise BadMedia(by_number[first], f"picture {gap} of the sequence is missing")
    return [by_number[number] for number in sorted(by_number)]


def _decoded(files: Sequence[Path], size: tuple[int, int]) -> Iterator[Any]:
    """The decoded pictures one after another, each of ``size``."""
    for file in files:
        picture = _picture(file)
        if (picture.width, picture.height) != size:
            found = f"{picture.width}×{picture.height}"
            raise BadMedia(file, f"is {found} pixels, the shot {size[0]}×{size[1]}")
        yield picture


def _picture(file: Path) -> Any:
    """One picture within bounds, opened by its decoder alone: no container that could name other files."""
    import av

    if file.stat().st_size > still.MOST_BYTES:
        raise BadMedia(file, f"more than the {still.MOST_BYTES / 2**20:.0f} MB allowed")
    decoder = av.CodecContext.create(file.suffix[1:].lower(), "r")
    decoder.options = {"max_pixels": str(still.MOST_PIXELS)}
    decoder.thread_count = 1
    try:
        frames = [*decoder.decode(av.Packet(file.read_bytes())), *decoder.decode(None)]
    except (av.FFmpegError, ValueError) as error:
        raise BadMedia(file, f"no {file.suffix[1:].upper()} picture, or damaged ({type(error).__name__})") from error
    if len(frames) != 1:
        raise BadMedia(file, "holds no picture, or several")
    return frames[0]


def _alpha(picture: Any) -> bool:
    return any(component.is_alpha for component in picture.format.components)


def _opacity(picture: Any) -> Any:
    """The alpha plane as a matte's values: uint8 (height, width)."""
    if _floating(picture):
        return _from_unit(picture.to_ndarray(format="gbrapf32le", threads=1)[..., 3])
    if max(component.bits for component in picture.format.components) <= 8:
        return picture.to_ndarray(format="rgba", threads=1)[..., 3]
    return _from_16_bits(picture.to_ndarray(format="rgba64le", threads=1)[..., 3])


def _brightness(picture: Any) -> Any:
    """How bright each pixel is as a matte's values: uint8 (height, width); of colours their BT.601 luma."""
    if picture.format.name == "grayf32le":
        return _from_unit(picture.to_ndarray())
    if _floating(picture):
        return _from_unit(picture.to_ndarray(format="gbrapf32le", threads=1)[..., :3] @ [0.299, 0.587, 0.114])
    return _from_16_bits(picture.to_ndarray(format="gray16le", threads=1))


def _luminance(rgb: Any) -> Any:
    """BT.601 luma of 8-bit RGB, 0..255."""
    import numpy as np

    return np.rint(rgb @ [0.299, 0.587, 0.114]).astype(np.uint8)


def _floating(picture: Any) -> bool:
    name: str = picture.format.name
    return "f32" in name or "f16" in name


def _from_unit(values: Any) -> Any:
    """0..1, linear, to 0..255; what is no number counts as 0."""
    import numpy as np

    return np.rint(np.clip(np.nan_to_num(values), 0.0, 1.0) * 255).astype(np.uint8)


def _from_16_bits(values: Any) -> Any:
    import numpy as np

    return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)


# --- looks ---------------------------------------------------------------------------------------------


class _Look:
    """A LUT as a filter of pictures of one size."""

    def __init__(self, cube: Path, size: tuple[int, int]) -> None:
        import av

        text = documents.read_text(cube)
        sizes = re.findall(r"^\s*LUT_([13])D_SIZE\s+(\d+)\s*$", text, re.MULTILINE)
        if len(sizes) != 1:
            raise BadMedia(cube, "a LUT with a shaper before it: bake both into one" if sizes else "no LUT")
        dimensions, points = sizes[0][0], int(sizes[0][1])
        if not 2 <= points <= LARGEST_LUT or re.search(r"^\s*[-+\d. ]*(nan|inf)", text, re.MULTILINE | re.IGNORECASE):
            raise BadMedia(cube, "a LUT with values that are no numbers, or of a size that cannot be applied")
        self.words = f"{points}³ points" if dimensions == "3" else f"{points} points"
        settings = {"file": str(cube.resolve()), **({"interp": "tetrahedral"} if dimensions == "3" else {})}
        self._graph = av.filter.Graph()
        try:
            lut = self._graph.add(f"lut{dimensions}d", **settings)
        except (av.FFmpegError, ValueError) as error:
            raise BadMedia(cube, f"a damaged LUT ({type(error).__name__})") from error
        source = self._graph.add_buffer(width=size[0], height=size[1], format="rgb48le", time_base=_TICK)
        form = self._graph.add("format", "rgb48le")
        sink = self._graph.add("buffersink")
        for one, next_one in pairwise((source, lut, form, sink)):
            one.link_to(next_one)
        self._graph.configure()

    def on(self, picture: Any, index: int) -> Any:
        """The picture (uint8 RGB, (height, width, 3)) as the LUT changes it."""
        import av
        import numpy as np

        fine = picture.astype(np.uint16) * 257  # in 8 bits FFmpeg would cut off what it should round
        frame = av.VideoFrame.from_ndarray(fine, format="rgb48le")
        frame.pts, frame.time_base = index, _TICK
        self._graph.push(frame)
        return _from_16_bits(self._graph.pull().to_ndarray())
