"""What Move alone does: GraphQL, a signed upload, a ZIP with a BVH, and the joints that are derived from it."""

import asyncio
import io
from dataclasses import replace

import numpy as np
import pytest
from filmbench.adapters import move
from filmbench.adapters._http import HttpError, NotSent, Unsafe, Unusable
from filmbench.harness.media import joints
from filmbench.harness.media.joints import BODY
from filmbench.harness.media.write import write_video
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome
from loopback import graphql
from loopback.jobrig import JOBS, with_bench
from loopback.move import SCHEMA, Move, motion, moved, packed
from loopback.server import KEY, Reject

(CASE,) = (case for case in JOBS if case.name.startswith("move"))


def follow(folder, change=lambda server: None, **asked):
    """One job against a server that was changed before: how it went, what it means, the server."""

    async def work(bench):
        change(bench.server)
        got = await bench.follow(bench.request(**asked))
        return got, got.error and bench.provider.classify(got.error), bench.server

    return with_bench(CASE, folder, work)


def test_the_joints_are_where_the_bvh_has_them(tmp_path):
    got, _, _ = follow(tmp_path)
    assert got.error is None
    found = joints.read(_written(tmp_path / "joints.npz", got.files[1].content))
    truth = motion()
    assert (found.names, found.fps, found.space) == (BODY, pytest.approx(30.0), "own")
    picked = truth.positions[:, [truth.names.index(name) for name in BODY]]
    assert np.abs(found.positions - picked).max() < 0.001
    assert got.usage.quantities == {"input_second": 2}


def _written(path, content):
    path.write_bytes(content)
    return path


def scaled(factor):
    """The same motion in a BVH whose unit is another."""
    lines = []
    for line in moved().decode().splitlines():
        words = line.split()
        if words[:1] == ["OFFSET"]:
            line = " ".join(["OFFSET", *(f"{float(word) * factor:.6f}" for word in words[1:])])
        elif len(words) > 6 and "CHANNELS" not in words:
            line = " ".join([*(f"{float(word) * factor:.6f}" for word in words[:3]), *words[3:]])
        lines.append(line)
    return "\n".join(lines).encode()


def test_the_unit_is_told_by_the_length_of_a_leg(tmp_path):
    def metres(server):
        server.result = packed(actor_1__bvh=scaled(0.01))

    got, _, _ = follow(tmp_path, metres)
    assert got.error is None, got.error
    found = joints.read(_written(tmp_path / "joints.npz", got.files[1].content))
    hip, ankle = (found.positions[0, BODY.index(f"left_{joint}")] for joint in ("hip", "ankle"))
    assert np.linalg.norm(hip - ankle) == pytest.approx(0.82, abs=0.002)


def damaged(content):
    """Wrong in the compressed bytes, right in the directory."""
    middle = len(content) // 2
    return content[:middle] + bytes(byte ^ 0xFF for byte in content[middle : middle + 40]) + content[middle + 40 :]


UNUSABLE = {
    "no-zip": (lambda: b"PK\x03\x04 not really", "no ZIP"),
    "nothing-in-it": (lambda: packed(actor__fbx=b"x"), "holds 0 BVH files"),
    "two-actors": (lambda: packed(a__bvh=moved(), b__bvh=moved()), "holds 2 BVH files"),
    "damaged-inside": (lambda: damaged(packed(a__bvh=moved())), "no ZIP"),
    "no-bvh": (lambda: packed(a__bvh=b"HIERARCHY nothing"), "no joints can be derived"),
    "a-rig-unheard-of": (lambda: packed(a__bvh=moved().replace(b"LeftForeArm", b"Tentacle")), "none of the rigs"),
    "a-giant": (lambda: packed(a__bvh=scaled(100.0)), "is no person's"),
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_what_gives_no_joints_is_invalid_and_says_why(tmp_path, kind):
    make, said = UNUSABLE[kind]

    def change(server):
        server.result = make()

    got, verdict, server = follow(tmp_path, change)
    assert isinstance(got.error, Unusable)
    assert verdict.outcome is Outcome.INVALID
    assert not verdict.again
    assert said in verdict.reason
    assert str(tmp_path) not in verdict.reason
    assert server.counts.billed == 1


def test_a_finished_job_waits_for_its_files(tmp_path):
    def unready(server):
        server.life.extend(["running", "unready", "unready"])

    got, _, _ = follow(tmp_path, unready)
    assert [step.state for step in got.progress] == ["running", "running", "running", "done"]
    assert got.progress[0].fraction == 0.4


def film(folder, width=320, height=300, fps=24, seconds=2.0, name="odd.mp4"):
    frames = np.full((int(fps * seconds), height, width, 3), 120, np.uint8)
    frames[:, 20:80, 20:80] = 200
    return write_video(folder / name, frames, fps, None)[0]


LIMITS = {
    "small": {"height": 298},
    "slow": {"fps": 20},
    "short": {"seconds": 1.5},
}


@pytest.mark.parametrize("change", LIMITS.values(), ids=LIMITS)
def test_a_film_beyond_the_limits_is_refused_before_anything_is_sent(tmp_path, change):
    path = film(tmp_path, **change)

    async def work(bench):
        request = bench.request()
        shot = replace(request.sample.inputs["video"], seconds=None)
        bench.files.paths[shot.sha256] = path
        request = replace(request, sample=replace(request.sample, inputs={"video": shot}))
        with pytest.raises(Refusal) as caught:
            await bench.provider.prepare(request, bench.files)
        return caught.value, bench.server.counts

    refusal, counts = with_bench(CASE, tmp_path, work)
    assert refusal.outcome is Outcome.UNSUPPORTED
    assert (counts.posts, counts.other["uploads"]) == (0, 0)


def test_a_film_that_is_none_is_invalid(tmp_path):
    async def work(bench):
        request = bench.request()
        bench.files.paths[request.sample.inputs["video"].sha256].write_bytes(b"no film")
        with pytest.raises(Refusal) as caught:
            await bench.provider.prepare(request, bench.files)
        return caught.value.outcome

    assert with_bench(CASE, tmp_path, work) is Outcome.INVALID


# --- GraphQL -----------------------------------------------------------------------------------------


def test_an_error_beside_the_data_is_one(tmp_path):
    def full(server):
        async def speech(request, body):
            said = {"errorType": "MoveLimitError", "message": "no minutes are left"}
            raise Reject(200, {"data": None, "errors": [said]})

        server.speech = speech

    got, verdict, server = follow(tmp_path, full)
    assert isinstance(got.error, HttpError)
    assert (verdict.outcome, verdict.again, verdict.unknown) == (Outcome.FAILED, False, False)
    assert "no minutes are left" in verdict.reason
    assert server.counts.billed == 0


def test_a_take_that_is_gone_is_no_retired_model(tmp_path):
    async def work(bench):
        prepared = await bench.provider.prepare(bench.request(), bench.files)
        bench.server.takes.clear()
        with pytest.raises(HttpError) as caught:
            await bench.provider.submit(prepared)
        return bench.provider.classify(caught.value)

    assert with_bench(CASE, tmp_path, work).outcome is Outcome.INVALID


def test_film_and_take_are_made_once_for_all_who_need_them(tmp_path):
    async def work(bench):
        request = bench.request()
        many = await asyncio.gather(*(bench.provider.prepare(request, bench.files) for _ in range(4)))
        return {prepared.payload["body"]["variables"]["takeId"] for prepared in many}, bench.server

    takes, server = with_bench(CASE, tmp_path, work)
    assert len(takes) == 1
    assert len(server.takes) == len(server.uploads) == 1


def test_options_are_sent_only_where_they_are_asked_for(tmp_path):
    async def work(bench):
        for params in ({}, {"track_fingers": False, "floor_plane": True}):
            await bench.follow(bench.request(params=params))
        return [asked["body"]["variables"]["options"] for asked in bench.server.requests]

    plain, chosen = with_bench(CASE, tmp_path, work)
    assert plain == {"mocapModel": "S2"}
    assert chosen == {"mocapModel": "S2", "trackFingers": False, "floorPlane": True}


def test_a_key_goes_as_it_is_and_a_jwt_is_named_as_one():
    provider = CASE.provider()
    assert provider.headers(KEY) == {"Authorization": KEY}
    assert provider.headers("eyJhbGciOi.eyJzdWIi.c2ln") == {"Authorization": "Bearer eyJhbGciOi.eyJzdWIi.c2ln"}


@pytest.mark.parametrize(
    ("address", "fault"), [("http://example.com/put", Unsafe), ("https://10.0.0.7/put", Unsafe), (None, NotSent)]
)
def test_a_film_is_not_sent_to_just_any_address(tmp_path, address, fault):
    def elsewhere(server):
        made = Move._file_made

        def file_made(arguments):
            answer = made(server, arguments)
            return answer | {"presignedUrl": address or answer["presignedUrl"].replace("Signature", "Unsigned")}

        server._file_made = file_made

    got, verdict, server = follow(tmp_path, elsewhere)
    assert isinstance(got.error, fault)
    assert not verdict.unknown
    assert server.counts.posts == 0
    assert not server.uploads


# --- the loopback server itself ----------------------------------------------------------------------

WRONG = {
    "an-unknown-field": ("query Q($jobId: ID!) { getJob(jobId: $jobId) { id price } }", {"jobId": "j"}),
    "an-unknown-operation": ("query Q($jobId: ID!) { killJob(jobId: $jobId) { id } }", {"jobId": "j"}),
    "a-wrong-type": ("query Q($jobId: Int!) { getJob(jobId: $jobId) { id } }", {"jobId": 1}),
    "an-optional-for-a-needed": ("query Q($jobId: ID) { getJob(jobId: $jobId) { id } }", {"jobId": "j"}),
    "a-missing-argument": ("query Q { getJob { id } }", {}),
    "an-unknown-argument": ("query Q($jobId: ID!) { getJob(id: $jobId) { id } }", {"jobId": "j"}),
    "an-undeclared-variable": ("query Q($jobId: ID!) { getJob(jobId: $jobId) { id } }", {"jobId": "j", "x": 1}),
    "an-object-without-fields": ("query Q($jobId: ID!) { getJob(jobId: $jobId) { id progress } }", {"jobId": "j"}),
    "a-scalar-with-fields": ("query Q($jobId: ID!) { getJob(jobId: $jobId) { id { x } } }", {"jobId": "j"}),
    "an-open-brace": ("query Q($jobId: ID!) { getJob(jobId: $jobId) { id }", {"jobId": "j"}),
    "an-unknown-output": (move.CREATE_JOB, {"takeId": "t", "outputs": ["BVH"]}),
    "an-unknown-option": (move.CREATE_JOB, {"takeId": "t", "options": {"speed": "S2"}}),
    "a-needed-value-missing": (move.CREATE_JOB, {"outputs": ["ALL_BVH"]}),
    "a-source-without-a-format": (move.CREATE_TAKE, {"sources": [{"deviceLabel": "c", "fileId": "f"}]}),
}


@pytest.mark.parametrize("kind", WRONG)
def test_the_loopback_server_refuses_what_does_not_fit_the_schema(kind):
    query, variables = WRONG[kind]
    with pytest.raises(graphql.Wrong):
        graphql.read(SCHEMA, {"query": query, "variables": variables})


def test_a_zip_that_unpacks_to_too_much_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(move, "MOST_TEXT", 1000)
    got, verdict, _ = follow(tmp_path)
    assert isinstance(got.error, Unusable)
    assert "at most 1000 bytes" in verdict.reason
    assert io.BytesIO(moved()).getbuffer().nbytes > 1000
