"""How the command line ends: exit codes, one sentence, no trace unless it is asked for."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version

import pytest
from filmbench.harness import cli, registry
from filmbench.harness.types import BudgetStop, NothingMeasured, UsageError, VendorOutage

Run = Callable[..., subprocess.CompletedProcess[str]]


def _end(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    """The exit code of a command in whose body ``error`` is raised."""

    def fail() -> None:
        raise error

    monkeypatch.setattr(registry, "providers", fail)
    monkeypatch.setattr(sys, "argv", ["filmbench", "providers", "list"])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert isinstance(stop.value.code, int)
    return stop.value.code


@pytest.mark.parametrize(("error", "code"), [(UsageError, 2), (NothingMeasured, 3), (BudgetStop, 4), (VendorOutage, 5)])
def test_an_error_of_the_users_is_a_sentence_a_hint_and_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: type[UsageError], code: int
) -> None:
    assert _end(monkeypatch, error("the thing is wrong", "do the other thing")) == code
    assert capsys.readouterr().err == "error: the thing is wrong\n  do the other thing\n"


def test_of_tasks_that_failed_together_the_users_own_error_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    inner = ExceptionGroup("inner", [UsageError("the disk is full", "free some space")])
    assert _end(monkeypatch, ExceptionGroup("outer", [ValueError("a consequence"), inner])) == 2
    assert capsys.readouterr().err == "error: the disk is full\n  free some space\n"


def test_ctrl_c_ends_with_a_clear_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert _end(monkeypatch, KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_a_defect_is_told_apart_from_a_regression_and_its_trace_can_be_had(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _end(monkeypatch, ZeroDivisionError("by zero")) == 70
    printed = capsys.readouterr().err
    assert "error: ZeroDivisionError: by zero" in printed and "FILMBENCH_DEBUG=1" in printed
    assert "Traceback" not in printed
    monkeypatch.setenv("FILMBENCH_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main()


def test_version(filmbench: Run) -> None:
    assert filmbench("--version").stdout == f"filmbench {version('filmbench')}\n"


def test_an_unknown_command_is_a_usage_error_with_the_nearest(filmbench: Run) -> None:
    done = filmbench("doctr")
    assert done.returncode == 2
    assert "Did you mean 'doctor'?" in done.stderr


def test_the_dashboard_refuses_a_port_in_use(filmbench: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = filmbench("dashboard", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "cannot be used" in done.stderr and "--port" in done.stderr


def test_a_dashboard_is_not_shared_without_a_password(filmbench: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for password in ("", "too short"):
        monkeypatch.setenv("FILMBENCH_DASHBOARD_PASSWORD", password)
        done = filmbench("dashboard", "--share")
        assert done.returncode == 2
        assert "needs a password" in done.stderr and "export FILMBENCH_DASHBOARD_PASSWORD" in done.stderr
