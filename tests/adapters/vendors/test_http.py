"""The shared HTTP parts on their own: waiting times, addresses, scrubbing, and imports that stay cheap."""

import json
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import httpx
import pytest
from filmbench.adapters._failures import classify, retry_after
from filmbench.adapters._http import HttpError, NoAnswer, NotSent, base_url, fault
from filmbench.harness.types import Outcome, UsageError
from loopback import server
from loopback.rig import CASES

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
SPEC = CASES[0].provider().spec


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_the_vendors_wait_in_seconds_or_as_a_date(headers, seconds):
    assert retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        (None, "https://api.elevenlabs.io"),
        ("https://proxy.example.com/eleven/", "https://proxy.example.com/eleven"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080/v1", "http://localhost:8080/v1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_addresses_that_are_fit(endpoint, url):
    assert base_url(SPEC, endpoint) == url


def test_an_unfit_address_is_named_with_the_way_out():
    with pytest.raises(UsageError, match="https only") as caught:
        base_url(SPEC, "http://proxy.example.com")
    assert "https" in caught.value.hint


def _beneath(outer, inner):
    outer.__cause__ = inner
    return outer


def test_only_a_failed_connection_counts_as_not_sent():
    """The httpx transport over aiohttp gives both of these the same name."""
    key = aiohttp.client_reqrep.ConnectionKey("host", 443, True, True, None, None, None)
    refused = aiohttp.ClientConnectorError(key, OSError(111, "refused"))
    assert isinstance(fault(_beneath(httpx.ConnectTimeout("x"), refused)), NotSent)
    lost = aiohttp.ServerDisconnectedError()
    assert isinstance(fault(_beneath(httpx.ConnectTimeout("x"), lost)), NoAnswer)
    assert isinstance(fault(httpx.ConnectError("of unknown origin")), NoAnswer)


def test_the_secret_is_removed_wherever_the_vendor_puts_it():
    error = fault(
        _beneath(httpx.ReadError("x"), aiohttp.ClientPayloadError("Bearer s3cret-value broke")), "s3cret-value"
    )
    assert "s3cret-value" not in str(error)


@pytest.mark.parametrize("body", ["", "<html>502 Bad Gateway</html>", "[]", "{}", '"x"', "null", '{"detail": [{}]}'])
def test_an_error_body_of_any_shape_is_read(body):
    for case in CASES:
        verdict = case.provider().classify(HttpError(502, {}, body))
        assert verdict.again
        assert verdict.outage


def test_an_error_from_elsewhere_is_a_failure_and_never_asked_again():
    verdict = classify(ValueError("odd"), SPEC)
    assert verdict.outcome is Outcome.FAILED
    assert not verdict.again
    assert "ValueError: odd" in verdict.reason


def test_the_adapters_import_no_sdk():
    code = (
        "import sys; from filmbench.adapters import cartesia, elevenlabs, openai, typecast;"
        "heavy = {'aiohttp', 'httpx', 'elevenlabs', 'openai', 'cartesia', 'pydantic', 'keyring'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_loopback_vendor_runs_as_a_program(case):
    file = Path(server.__file__).with_name(f"{case.name}.py")
    process = subprocess.Popen([sys.executable, file, "--script", "500"], stdout=subprocess.PIPE, text=True)
    try:
        url = process.stdout.readline().strip()
        with urllib.request.urlopen(f"{url}/_counts") as answer:
            assert json.load(answer)["posts"] == 0
        with urllib.request.urlopen(f"{url}/_script", json.dumps(["429:1"]).encode()) as answer:
            assert json.load(answer)["waiting"] == ["500", "429:1"]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
