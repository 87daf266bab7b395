"""Help answers at once and shows how each command is called."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from filmbench.harness.cli import app
from typer.main import get_command

HEAVY = set(
    """aiohttp alembic av duckdb httpx jinja2 keyring librosa numpy onnxruntime pandas plotly pyarrow rich scipy
    soundfile sqlalchemy statsmodels streamlit torch yaml""".split()  # noqa: SIM905 - reads as a list of names
)


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _commands(child, (*path, name))


COMMANDS = dict(_commands(get_command(app)))


def test_nothing_heavy_is_imported_to_show_help() -> None:
    code = (
        "import sys; from filmbench.harness import cli; cli.app(['--help'], standalone_mode=False); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {module.partition(".")[0] for module in done.stdout.splitlines()[-1].split()}
    assert "typer" in loaded
    assert sorted(loaded.intersection(HEAVY)) == []


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: " ".join(path) or "filmbench")
def test_help_shows_an_example_that_this_command_line_takes(path: tuple[str, ...]) -> None:
    example = COMMANDS[path].epilog or ""
    assert example.startswith("Example: filmbench ")
    words = tuple(shlex.split(example.removeprefix("Example: filmbench ")))
    called = max((known for known in COMMANDS if words[: len(known)] == known), key=len)
    assert called[: len(path)] == path
    # Reading the words as arguments ends in a usage error when an option or argument is unknown or missing.
    command = COMMANDS[called]
    assert not hasattr(command, "commands"), "the example names a group, not a command"
    command.make_context(" ".join(called), list(words[len(called) :]))


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: " ".join(path) or "filmbench")
def test_every_command_and_option_says_what_it_does(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    assert command.help or isinstance(command, typer.main.TyperGroup)
    silent = [param.name for param in command.params if param.name != "help" and not getattr(param, "help", None)]
    assert silent == []
