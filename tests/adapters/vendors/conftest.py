"""Each vendor in turn, with the key its loopback server takes."""

import pytest
from loopback import audio
from loopback.rig import CASES, Case
from loopback.server import KEY


@pytest.fixture(autouse=True)
def _keys(monkeypatch):
    if not audio.available():
        pytest.skip("espeak-ng is not installed, so the loopback vendors cannot speak")
    for case in CASES:
        monkeypatch.setenv(case.key, KEY)


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request) -> Case:
    return request.param
