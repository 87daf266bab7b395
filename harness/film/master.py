"""The finished files: picture, sound tracks, subtitles and chapters in one MP4, the picture not encoded again.

ffmpeg-python composes and the packaged ffmpeg runs, without network protocols. Streams are never cut to the shortest:
subtitles end long before the film does.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.harness.film.timeline import Timeline

SOUND_BITS = "192k"
RATE = 48_000
WITHIN = {"protocol_whitelist": "file,pipe"}
MACHINE_MADE = "Machine-made: voices, pictures, music and sound of this film were made by programs."
ISO_639_2 = {"en": "eng", "es": "spa", "fr": "fra", "it": "ita", "de": "deu", "pt": "por", "fi": "fin", "ca": "cat"}
PATIENCE = 600


@dataclass(frozen=True, slots=True)
class Track:
    """A file in one language: sound (WAV) or subtitles (SRT)."""

    path: Path
    language: str


def assemble(
    segments: Sequence[Path], timeline: Timeline, sounds: Sequence[Track], subtitles: Sequence[Track], target: Path
) -> Path:
    """Write ``target``: the segments in a row, the tracks in their order (the first is the default), the chapters."""
    import ffmpeg

    listed, chapters = target.with_suffix(".segments.txt"), target.with_suffix(".chapters.txt")
    listed.write_text("ffconcat version 1.0\n" + "".join(f"file {_quoted(path)}\n" for path in segments), "utf-8")
    chapters.write_text(_chapters(timeline), encoding="utf-8")
    picture = ffmpeg.input(str(listed), format="concat", safe=0, **WITHIN).video
    heard = [ffmpeg.input(str(track.path), **WITHIN).audio for track in sounds]
    read = [ffmpeg.input(str(track.path), **WITHIN)["s"] for track in subtitles]
    place = 1 + len(heard) + len(read)
    options: dict[str, Any] = {
        "vcodec": "copy", "acodec": "aac", "b:a": SOUND_BITS, "ar": RATE, "scodec": "mov_text",
        "map_metadata": place, "map_chapters": place, "movflags": "+faststart", "fflags": "+bitexact",
        "flags:a": "+bitexact", "metadata:s:v:0": "handler_name=Picture", "f": "mp4",
    }  # fmt: skip
    for kind, tracks in (("a", sounds), ("s", subtitles)):
        for index, track in enumerate(tracks):
            options[f"metadata:s:{kind}:{index}"] = f"language={ISO_639_2.get(track.language, 'und')}"
            options[f"disposition:{kind}:{index}"] = "default" if index == 0 and kind == "a" else "0"
    part = target.with_suffix(".part")
    arguments = ffmpeg.output(picture, *heard, *read, str(part), **options).compile()
    _run(_with_input(arguments, chapters), target)
    part.replace(target)
    listed.unlink()
    chapters.unlink()
    return target


def _with_input(arguments: list[str], chapters: Path) -> list[str]:
    """The composed command with the file of metadata as its last input: ffmpeg-python drops what gives no stream."""
    last = max(index for index, argument in enumerate(arguments) if argument == "-i") + 2
    extra = ["-f", "ffmetadata", "-i", str(chapters)]
    return [*arguments[:last], *extra, *arguments[last:]]


def _run(arguments: Sequence[str], target: Path) -> None:
    import imageio_ffmpeg
    from filmbench.adapters.local import _programs as programs

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *arguments[1:]]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, env=programs.environment(), check=False
    )
    if done.returncode:
        raise RuntimeError(f"{target.name}: ffmpeg: {done.stderr.strip()[-400:]}")


def _quoted(path: Path) -> str:
    return "'" + str(path.resolve()).replace("'", "'\\''") + "'"


def _chapters(timeline: Timeline) -> str:
    lines = [";FFMETADATA1", f"title={_escaped(timeline.title)}", f"comment={_escaped(MACHINE_MADE)}"]
    for chapter in timeline.chapters:
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={round(chapter.start * 1000)}"]
        lines += [f"END={round(chapter.end * 1000)}", f"title={_escaped(chapter.title)}"]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in "=;#\\" else " " if char in "\n\r" else char for char in text)


def write_wav(path: Path, samples: Any, comment: str = MACHINE_MADE) -> Path:
    """``samples`` (n, 2) at 48 kHz as 24-bit WAV that says it was made by a machine."""
    import soundfile

    with soundfile.SoundFile(path, "w", RATE, samples.shape[1], "PCM_24") as file:
        file.comment = comment
        file.write(samples)
    return path
