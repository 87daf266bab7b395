"""The lists and cards: what a person reads and what a program reads."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filmbench.harness import models, pricing, registry

Run = Callable[..., subprocess.CompletedProcess[str]]


def _json(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_providers_are_listed_with_what_is_missing_to_use_them(filmbench: Run) -> None:
    listed = _json(filmbench("providers", "list", "--json"))
    rows = {row["id"]: row for row in listed["providers"]}
    assert rows.keys() >= {"local/espeak-ng", "local/kokoro", "elevenlabs/eleven_v3", "openai/tts-1"}
    assert rows["acme/ready"]["stages"] == ["tts"]
    availability = {id: row["availability"] for id, row in rows.items() if id.startswith("acme/")}
    assert availability == {
        "acme/ready": "ready",
        "acme/keyed": "needs ACME_TOKEN",
        "acme/boxed": "needs Debian package no-such-package: apt-get install no-such-package",
        "acme/gone": "retired on 2020-01-01 according to the letter of Acme",
    }
    assert [entry["name"] for entry in listed["broken"]] == ["torn"]
    assert "no_such_module" in listed["broken"][0]["reason"]


def test_a_key_makes_a_provider_ready_and_is_shown_nowhere(filmbench: Run) -> None:
    done = filmbench("providers", "list", "--json", ACME_TOKEN="s3cret-token")
    rows = {row["id"]: row for row in _json(done)["providers"]}
    assert rows["acme/keyed"]["availability"] == "ready"
    assert "s3cret-token" not in done.stdout + done.stderr


def test_a_provider_is_shown_with_its_parameters(filmbench: Run) -> None:
    shown = _json(filmbench("providers", "show", "acme/keyed", "--json"))
    assert shown["params"]["voice"]["choices"] == ["ada", "bob"]
    assert shown["requires"] == [{"kind": "key", "name": "ACME_TOKEN", "remedy": "export ACME_TOKEN=…"}]
    text = filmbench("providers", "show", "acme/keyed").stdout
    assert "terms of Acme" in text and "who speaks" in text and "ada, bob" in text


def test_a_card_is_the_docstring_and_the_facts(filmbench: Run) -> None:
    text = filmbench("metrics", "show", "tts.plosives").stdout
    assert "cannot tell a pop from a door" in text
    for fact in ("0 to ∞", "lower", "proxy", "MIT", "tts.plosives|acme:1", "needs ACME_TOKEN", "speech"):
        assert fact in text
    rows = {row["id"]: row for row in _json(filmbench("metrics", "list", "--json"))["metrics"]}
    assert rows["tts.plosives"]["higher_is_better"] is False
    assert rows["tts.plosives"]["stages"] == ["tts"]


@pytest.mark.parametrize("id", registry.metrics().items)
def test_every_metric_of_ours_has_a_card_that_names_its_known_failure(id: str) -> None:
    card = type(registry.metrics().get(id)).__doc__ or ""
    assert "failure" in card.lower()


def test_models_and_prices_and_datasets_are_listed_whole(filmbench: Run) -> None:
    weights = _json(filmbench("models", "list", "--json"))["models"]
    assert {row["id"] for row in weights} == set(models.entries())
    assert _json(filmbench("models", "show", "distillmos", "--json"))["files"][0]["sha256"] == (
        models.entry("distillmos").sha256
    )
    prices = _json(filmbench("prices", "list", "--all", "--json"))["prices"]
    assert len(prices) == len(pricing.book().rows)
    assert all(row["usd"] is None or isinstance(row["usd"], str) for row in prices), "money is text, never a float"
    datasets = _json(filmbench("datasets", "list", "--json"))["datasets"]
    assert "film-lines" in {row["name"] for row in datasets}
    assert filmbench("datasets", "verify", "film-lines").returncode == 0
    assert filmbench("datasets", "fetch", "film-lines").returncode == 0
    assert "CC0" in filmbench("datasets", "show", "film-lines").stdout


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("providers", "show", "acme/kyed"), "acme/keyed"),
        (("metrics", "show", "tts.plosive"), "tts.plosives"),
        (("datasets", "show", "film-line"), "film-lines"),
        (("prices", "show", "elevenlabs/eleven_v33"), "elevenlabs/eleven_v3"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_an_unknown_name_is_one_sentence_with_the_nearest(filmbench: Run, words: tuple[str, ...], meant: str) -> None:
    done = filmbench(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    first, hint = done.stderr.splitlines()
    assert first.startswith("error: ") and words[-1] in first
    assert "did you mean" in hint and meant in hint


def test_doctor_names_the_broken_the_missing_and_what_mends_them(filmbench: Run) -> None:
    done = filmbench("doctor", "--json", "--store", "elsewhere")
    assert done.returncode == 2, "an entry point is broken"
    findings = json.loads(done.stdout)["findings"]
    by_subject = {finding["subject"]: finding for finding in findings}
    assert by_subject["filmbench.providers: torn"]["state"] == "broken"
    assert "acme/keyed" in by_subject["ACME_TOKEN"]["detail"] and "tts.plosives" in by_subject["ACME_TOKEN"]["detail"]
    assert by_subject["no-such-package"]["remedy"] == "apt-get install no-such-package"
    assert by_subject["disk, store"]["detail"].endswith("/elsewhere")
    assert by_subject["ffmpeg"]["state"] == "ok"


def test_the_store_may_stand_before_the_command(filmbench: Run) -> None:
    done = filmbench("--store", "before", "doctor", "--json")
    details = {finding["subject"]: finding["detail"] for finding in json.loads(done.stdout)["findings"]}
    assert details["disk, store"].endswith("/before")


def test_a_plan_says_which_models_end_and_who_says_so(filmbench: Run, tmp_path: Path) -> None:
    suite = (
        'name = "ends"\n[[tasks]]\ncontract = "tts"\ndataset = "film-lines"\nlimit = 1\nlanguages = ["en"]\n'
        '[[tasks.arms]]\nprovider = "openai/tts-1"\n[[tasks.arms]]\nprovider = "cartesia/sonic-3"\n'
    )
    (tmp_path / "ends.toml").write_text(suite)
    arms = {row["provider"]: row for row in _json(filmbench("plan", "ends.toml", "--json"))["arms"]}
    said = "retired on 2027-01-06 according to package openai 3.54"
    assert said in arms["openai/tts-1"]["ending"]
    assert arms["cartesia/sonic-3"]["ending"] is None
    assert said in filmbench("plan", "ends.toml").stdout


def test_prices_show_their_age_and_warn_past_ninety_days(filmbench: Run, tmp_path: Path) -> None:
    day = datetime.now(UTC).date()
    rows = [("old", 91), ("fresh", 90)]
    (tmp_path / "rows.toml").write_text(
        "".join(
            f'[[prices]]\nvendor = "acme"\nmodel = "{model}"\nunit = "image"\nusd = 1\nsource = "s"\n'
            f'confidence = "stated"\nas_of = "{day - timedelta(days=age)}"\n'
            for model, age in rows
        )
    )
    own = {"FILMBENCH_PRICES": str(tmp_path / "rows.toml")}
    listed = filmbench("prices", "list", "--vendor", "acme", "--json", **own)
    assert {row["provider"]: row["age_days"] for row in _json(listed)["prices"]} == {"acme/old": 91, "acme/fresh": 90}
    assert "1 price is from sources older than 90 days (acme)" in listed.stderr
    assert "warning" not in filmbench("prices", "show", "acme/fresh", **own).stderr
    vendors = {row["vendor"]: row for row in _json(filmbench("prices", "--json", **own))["vendors"]}
    assert (vendors["acme"]["prices"], vendors["acme"]["oldest_days"], vendors["acme"]["stale"]) == (2, 91, 1)
    assert "acme" in filmbench("prices", **own).stdout
