"""Keys: where they come from, and that they go nowhere."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Iterator

import keyring
import pytest
from drawer import Drawer, opened
from filmbench.harness import keys
from filmbench.harness.types import UsageError


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    with opened() as mine:
        yield mine


def test_the_environment_comes_before_the_keyring(drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.set_password("filmbench", "ACME_TOKEN", "from-keyring")
    found = keys.find("ACME_TOKEN")
    assert found is not None and found.reveal() == "from-keyring"
    monkeypatch.setenv("ACME_TOKEN", " from-environment\n")
    assert keys.get("ACME_TOKEN").reveal() == "from-environment"


@pytest.mark.parametrize("locked", [False, True])
def test_without_a_key_the_user_is_told_how_to_give_one(
    drawer: Drawer, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    drawer.locked = locked
    monkeypatch.setenv("ACME_TOKEN", "")
    assert keys.find("ACME_TOKEN") is None
    with pytest.raises(UsageError, match="this needs ACME_TOKEN") as told:
        keys.get("ACME_TOKEN")
    assert told.value.hint is not None and "keyring set filmbench ACME_TOKEN" in told.value.hint


def test_a_key_does_not_slip_out(drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_TOKEN", "s3cret")
    key = keys.get("ACME_TOKEN")
    assert "s3cret" not in f"{key} {key!r} {[key]} {vars(keys)}"
    for write in (pickle.dumps, json.dumps, copy.copy):
        with pytest.raises(TypeError) as refused:
            write(key)
        assert "s3cret" not in str(refused.value)
