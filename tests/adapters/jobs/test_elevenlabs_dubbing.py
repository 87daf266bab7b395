"""What ElevenLabs dubbing alone does: a project and its one language, sound only, minutes, what is deleted."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from filmbench.adapters import elevenlabs_dubbing
from filmbench.adapters._http import CutStream, FileError, HttpError
from filmbench.harness.pricing import book
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome
from loopback.jobrig import JOBS, with_bench
from loopback.server import KEY

(CASE,) = (case for case in JOBS if case.name == "elevenlabs-dubbing")


def followed(folder, *life, transfers=(), bare=False, **options):
    """One job through a scripted life: how it went, and the server."""

    async def work(bench):
        bench.server.life.extend(life)
        bench.server.transfers.extend(transfers)
        bench.server.bare = bare
        return await bench.follow(bench.request(**options)), bench.server

    return with_bench(CASE, folder, work)


def changed(bench, sample=None, **source):
    request = bench.request()
    inputs = {**request.sample.inputs, "source": replace(request.sample.inputs["source"], **source)}
    return replace(request, sample=replace(request.sample, inputs=inputs, **(sample or {})))


def test_the_form_holds_the_file_and_what_was_asked(tmp_path):
    got, server = followed(tmp_path)
    assert got.error is None
    (sent,) = server.requests
    name, media_type, size = sent["body"].pop("file")
    assert (media_type, size) == ("video/mp4", (tmp_path / "film.mp4").stat().st_size)
    assert sent["body"] == {
        "model_id": "dubbing_v2",
        "target_language": "es",
        "source_language": "en",
        "reference": f"filmbench {name}",
    }


def test_a_dialect_can_be_asked_for(tmp_path):
    _, server = followed(tmp_path, params={"target_language": "es-MX"})
    assert server.requests[0]["body"]["target_language"] == "es-MX"


def test_a_language_the_vendor_does_not_take_is_invalid(tmp_path):
    got, server = followed(tmp_path, params={"target_language": "tlh"})
    verdict = CASE.provider().classify(got.error)
    assert verdict.outcome is Outcome.INVALID
    assert "not supported" in verdict.reason
    assert server.counts.billed == 0


def test_project_and_language_are_followed_to_the_end(tmp_path):
    got, _ = followed(tmp_path, "queued", "running", "dubbing")
    assert [step.state for step in got.progress] == ["queued", "running", "running", "done"]


@pytest.mark.parametrize(
    ("word", "state", "reason"),
    [
        ("failed", "failed", "source_unreadable: The source could not be decoded."),
        ("dub-failed", "failed", "internal_error: The dub could not be made."),
        ("refused", "refused", "content_moderated: The content was stopped by moderation."),
    ],
)
def test_a_failure_tells_code_and_words_of_project_or_language(tmp_path, word, state, reason):
    got, _ = followed(tmp_path, word)
    assert (got.progress[-1].state, got.progress[-1].reason) == (state, reason)


def test_a_stale_language_still_has_its_dub(tmp_path):
    got, server = followed(tmp_path, "stale", "stale")
    assert got.files[0].content == server.result


def test_a_project_without_its_language_has_failed():
    project = SimpleNamespace(status="ready", language_ids=[], error=None)
    stands = elevenlabs_dubbing._Standing(project)
    assert CASE.provider().progress(stands).state == "failed"


def test_a_finished_dub_without_an_address_is_no_take(tmp_path):
    got, _ = followed(tmp_path, bare=True)
    assert isinstance(got.error, CutStream)
    assert CASE.provider().classify(got.error).outcome is Outcome.FAILED


SUBTITLES = """WEBVTT

NOTE made by a machine

1
00:00:00.000 --> 00:00:00.400 align:start
<v Ana>Dejad la luz
encendida.

00:00:00.500 --> 00:00:01.000
T&amp;A, <i>ya</i>.

00:00:01.000 --> 00:00:01.200
"""


def test_the_lines_spoken_come_with_the_sound(tmp_path):
    async def work(bench):
        bench.server.subtitles = SUBTITLES
        return await bench.follow(), bench.server

    got, server = with_bench(CASE, tmp_path, work)
    assert got.error is None
    assert [(file.role, file.media_type) for file in got.files] == [("dubbed", "audio/flac"), ("script", "text/plain")]
    assert got.files[1].content.decode() == "Dejad la luz encendida.\nT&A, ya."
    assert all(KEY not in str(headers) for headers in server.file_headers)


def test_windows_line_ends_and_empty_subtitles_are_read_too():
    assert elevenlabs_dubbing.spoken_lines(SUBTITLES.replace("\n", "\r\n")).count("\n") == 1
    assert elevenlabs_dubbing.spoken_lines("WEBVTT\n") == ""


def test_what_is_not_dubbed_yet_is_asked_for_again(tmp_path):
    early, _ = followed(tmp_path, "425")
    assert isinstance(early.error, HttpError)
    assert CASE.provider().classify(early.error).again
    file, _ = followed(tmp_path, transfers=("425",))
    assert isinstance(file.error, FileError)
    assert CASE.provider().classify(file.error).again


def test_the_bill_is_the_sources_length_in_minutes(tmp_path):
    got, _ = followed(tmp_path)
    assert got.usage.quantities == {"minute": Decimal("0.016667")}
    assert "carries no bill" in got.usage.evidence


def test_a_voice_that_was_replaced_is_noted(tmp_path):
    async def work(bench):
        said = {"type": "voices_not_permitted", "speaker_ids": ["speaker_1"], "message": "Not permitted."}
        bench.server.warnings.append(said)
        return await bench.follow()

    assert "another voice than their own was given to speaker_1" in with_bench(CASE, tmp_path, work).usage.evidence


def test_a_source_of_unknown_length_is_not_priced(tmp_path):
    quote = with_bench(CASE, tmp_path, lambda bench: bench.provider.quote(changed(bench, seconds=None)))
    assert not quote.expected.quantities


def test_only_the_older_model_has_a_published_price(tmp_path):
    got, _ = followed(tmp_path)
    older = book().price("elevenlabs/dubbing_v1", got.usage, date(2026, 11, 22))
    assert older.usd == pytest.approx(Decimal("0.0055"), rel=Decimal("0.001"))
    assert book().price("elevenlabs/dubbing_v2", got.usage, date(2026, 11, 22)).usd is None


@pytest.mark.parametrize(
    ("source", "sample", "words"),
    [
        ({"bytes": 4 * 1024**3}, {}, "at most"),
        ({"media_type": "video/x-msvideo"}, {}, "not take"),
        ({}, {"language": None}, "which language"),
    ],
)
def test_what_it_does_not_take_is_refused_before_anything_is_sent(tmp_path, source, sample, words):
    async def work(bench):
        return (await bench.follow(changed(bench, sample, **source))).error, bench.server.counts.posts

    error, posts = with_bench(CASE, tmp_path, work)
    assert isinstance(error, Refusal)
    assert words in str(error)
    assert posts == 0


def test_the_project_can_be_deleted_twice(tmp_path):
    async def work(bench):
        got = await bench.follow()
        (left,) = got.job.resources
        await bench.provider.release(left)
        await bench.provider.release(left)
        return got.job.ids[0], bench.server

    id, server = with_bench(CASE, tmp_path, work)
    assert server.deleted == [id]
    assert not server.jobs
