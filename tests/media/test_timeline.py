"""Cut lists on their way through other programs' formats."""

from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio
import pytest
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.timeline import CutList, read_otio, write_edl, write_otio

FILM = CutList(((3, 40), (55, 120), (130, 131)), Fraction(25), 200, picture=True)


def frames(track) -> list[tuple[int, int]]:
    parts = [clip.source_range for clip in track.find_clips()]
    return [(int(part.start_time.value), int(part.end_time_exclusive().value)) for part in parts]


def test_another_reader_sees_the_same_frames_in_otio_and_edl(tmp_path):
    path, _ = write_otio(FILM, tmp_path / "cut.otio", "scene", crossfade_seconds=0.01)
    read = otio.adapters.read_from_file(str(path))
    assert [(track.kind, frames(track)) for track in read.tracks] == [
        ("Video", [*FILM.spans]),
        ("Audio", [*FILM.spans]),
    ]
    assert read.metadata["filmbench"]["crossfade_seconds"] == 0.01
    made = write_edl(FILM, tmp_path / "cut.edl", "scene")
    assert made is not None
    read = otio.adapters.read_from_file(str(made[0]), rate=25)
    assert [(track.kind, frames(track)) for track in read.tracks] == [
        ("Video", [*FILM.spans]),
        ("Audio", [*FILM.spans]),
    ]


def test_what_is_written_is_read_back(tmp_path):
    path, _ = write_otio(FILM, tmp_path / "cut.otio", "scene")
    assert [edge for span in read_otio(path) for edge in span] == pytest.approx([0.12, 1.6, 2.2, 4.8, 5.2, 5.24])


def test_sound_alone_is_exact_in_otio_and_counted_in_25ths_in_the_edl(tmp_path):
    cuts = CutList(((0, 7283), (12_444, 46_311)), Fraction(16_000), 80_000)
    path, _ = write_otio(cuts, tmp_path / "cut.otio", "line")
    (track,) = otio.adapters.read_from_file(str(path)).tracks
    assert (track.kind, frames(track)) == ("Audio", [*cuts.spans])
    made = write_edl(cuts, tmp_path / "cut.edl", "line")
    assert made is not None
    (track,) = otio.adapters.read_from_file(str(made[0]), rate=25).tracks
    assert (track.kind, frames(track)) == ("Audio", [(0, 11), (19, 72)])


@pytest.mark.parametrize("rate", [Fraction(24_000, 1001), Fraction(30_000, 1001), Fraction(24), Fraction(50)])
def test_the_rates_of_film_and_television_keep_their_frames(tmp_path, rate):
    cuts = CutList(FILM.spans, rate, 200, picture=True, sound=False)
    made = write_edl(cuts, tmp_path / "cut.edl", "scene")
    assert made is not None
    (track,) = otio.adapters.read_from_file(str(made[0]), rate=float(rate)).tracks
    assert frames(track) == [*FILM.spans]


def test_a_rate_without_timecode_has_no_edl(tmp_path):
    assert write_edl(CutList(((0, 5),), Fraction(10), 9, picture=True), tmp_path / "cut.edl", "scene") is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{}", "no OTIO timeline"),
        ("not json", "no OTIO timeline"),
        ('{"OTIO_SCHEMA": "Timeline.1", "tracks": {"OTIO_SCHEMA": "Stack.1", "children": []}}', "without a clip"),
    ],
)
def test_what_is_no_cut_list_is_refused(tmp_path, text, reason):
    path = tmp_path / "cut.otio"
    path.write_text(text)
    with pytest.raises(BadMedia, match=reason):
        read_otio(path)


def test_a_clip_played_at_another_speed_is_refused(tmp_path):
    path, _ = write_otio(FILM, tmp_path / "cut.otio", "scene")
    timeline = otio.adapters.read_from_file(str(path))
    timeline.tracks[0][0].effects.append(otio.schema.LinearTimeWarp(time_scalar=2.0))
    otio.adapters.write_to_file(timeline, str(path))
    with pytest.raises(BadMedia, match="effects"):
        read_otio(path)
