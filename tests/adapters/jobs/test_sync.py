"""What sync.so alone does: both files in the one paid form, quotes by the longer input."""

from dataclasses import replace
from decimal import Decimal

import pytest
from filmbench.adapters import sync
from filmbench.harness.protocols import Refusal
from loopback.jobrig import JOBS, with_bench

(CASE,) = (case for case in JOBS if case.name.startswith("sync"))


def changed(bench, role, **change):
    request = bench.request()
    inputs = {**request.sample.inputs, role: replace(request.sample.inputs[role], **change)}
    return replace(request, sample=replace(request.sample, inputs=inputs))


def test_nothing_is_uploaded_apart_from_the_paid_form(tmp_path):
    async def work(bench):
        got = await bench.follow()
        return got, bench.server.counts

    got, counts = with_bench(CASE, tmp_path, work)
    assert got.error is None
    assert got.job.resources == ()
    assert counts.posts == counts.billed == 1
    assert counts.other["uploads"] == 0


@pytest.mark.parametrize("seconds", [0.5, 2.5])
def test_the_longer_input_is_quoted(tmp_path, seconds):
    quote = with_bench(CASE, tmp_path, lambda bench: bench.provider.quote(changed(bench, "speech", seconds=seconds)))
    assert quote.expected.quantities["output_second"] == max(Decimal(1), Decimal(str(seconds)))
    assert quote.ceiling.quantities["output_second"] == quote.expected.quantities["output_second"] + 1


def test_an_input_of_unknown_length_is_not_priced(tmp_path):
    quote = with_bench(CASE, tmp_path, lambda bench: bench.provider.quote(changed(bench, "video", seconds=None)))
    assert not quote.expected.quantities


@pytest.mark.parametrize(
    ("role", "change"), [("video", {"bytes": 21 * 10**6}), ("speech", {"media_type": "audio/flac"})]
)
def test_what_it_does_not_take_is_refused_before_anything_is_sent(tmp_path, role, change):
    async def work(bench):
        return (await bench.follow(changed(bench, role, **change))).error, bench.server.counts.posts

    error, posts = with_bench(CASE, tmp_path, work)
    assert isinstance(error, Refusal)
    assert posts == 0


def test_words_of_moderation_make_a_failure_a_refusal():
    provider = CASE.provider()
    said = {"status": "FAILED", "error_code": "x", "error": "blocked by content moderation"}
    assert provider.progress(said).state == "refused"
    assert provider.progress({"status": "FAILED", "error": "no face"}).state == "failed"
    assert {sync._STATES[state] for state in ("PENDING", "PROCESSING")} == {"queued", "running"}
