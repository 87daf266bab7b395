"""Each vendor that works by job in turn, with the key its loopback server takes."""

import pytest
from loopback import audio
from loopback.jobrig import JOBS, JobCase, environment, with_bench
from loopback.server import KEY


@pytest.fixture(scope="session")
def beside_keys(tmp_path_factory):
    if not audio.available():
        pytest.skip("espeak-ng is not installed, so there is no speech to send")
    return environment(tmp_path_factory.mktemp("environment"))


@pytest.fixture(autouse=True)
def _keys(monkeypatch, beside_keys):
    for case in JOBS:
        monkeypatch.setenv(case.key, KEY)
    for variable, value in beside_keys.items():
        monkeypatch.setenv(variable, value)


@pytest.fixture(params=JOBS, ids=lambda case: case.name)
def case(request) -> JobCase:
    return request.param


@pytest.fixture
def follow(case, tmp_path):
    """One job against a server with a script: how it went, and the server afterwards."""

    def run(*script, life=(), transfers=(), **options):
        async def work(bench):
            bench.server.script.extend(script)
            bench.server.life.extend(life)
            bench.server.transfers.extend(transfers)
            return await bench.follow(), bench.server

        return with_bench(case, tmp_path, work, **options)

    return run
