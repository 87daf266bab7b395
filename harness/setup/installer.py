"""Installing Python packages into an environment: uv where it can be had (parallel, fast), else pip."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from console import SetupFailed, gist, run, say

OFFLINE = re.compile(
    r"NewConnectionError|NameResolutionError|Temporary failure in name resolution|Name or service not known"
    r"|Network is unreachable|Connection refused|dns error|failed to lookup address|tcp connect error|ConnectTimeout",
    re.IGNORECASE,
)
UNBUILT = "no build for this Python"
NO_BUILD = re.compile(
    r"does not satisfy Python|no wheels with a matching Python|require a different python version|Requires-Python"
    r"|no wheels are available|has no wheels",
    re.IGNORECASE,
)


class Installer:
    """Installs at pinned versions into the environment of ``python``; output goes to ``log``."""

    def __init__(self, python: Path, constraints: Path, log: Path) -> None:
        self.python = python
        self.constraints = constraints
        self.log = log

    @cached_property
    def uv(self) -> Path | None:
        """The environment's own uv, put there if need be; ``None`` when it cannot be had."""
        uv = self.python.parent / "uv"
        if not uv.exists():
            command = [*self._pip, "--retries", "1", "--constraint", str(self.constraints), "uv"]
            if output := run("installer: uv", command, self.log):
                _stop_when_offline(output)
                say(f"  uv cannot be had ({gist(output, lines=1)}); pip does it, more slowly")
                return None
        return uv if uv.exists() else None  # absent when pip finds it in a site shared with the environment

    def install(self, core: Sequence[str], optional: dict[str, list[str]]) -> dict[str, str]:
        """Install everything in one go; if that fails, core first, then each optional package by itself.

        Returns the optional requirements that could not be installed, with the reason. Raises
        :class:`SetupFailed` when a core package cannot be installed or nothing can be reached.
        """
        everything = [*core, *(name for names in optional.values() for name in names)]
        if not self._install(f"packages: {len(everything)} and what they need", everything):
            return {}
        if reason := self._install(f"packages, the core: {len(core)}", core):
            raise SetupFailed(f"the packages could not be installed: {reason} (whole output: {self.log})")
        skipped: dict[str, str] = {}
        for extra, names in optional.items():
            if self._install(f"packages for {extra}: {len(names)}", names):
                for name in names:
                    if reason := self._install(f"package {name}", [name]):
                        skipped[name] = reason
        return skipped

    def install_alone(self, name: str) -> str | None:
        """Install one package without what its metadata asks for; the reason when that fails."""
        return self._install(f"package {name}, by itself", [name], "--no-deps")

    def link(self, checkout: Path) -> None:
        """Link the project into the environment, file by file, so that only its own names are importable."""
        options = ["--no-deps", "--no-build-isolation", "--config-settings", "editable_mode=strict", "--editable"]
        if reason := self._install("filmbench: linking this checkout", [str(checkout)], *options):
            raise SetupFailed(f"filmbench could not be linked: {reason} (whole output: {self.log})")

    def _install(self, title: str, packages: Sequence[str], *options: str) -> str | None:
        if self.uv is not None:
            command = [str(self.uv), "pip", "install", "--python", str(self.python)]
            command += ["--build-constraints", str(self.constraints)]
            environment = self._uv_environment
        else:
            command, environment = list(self._pip), dict(os.environ)
        command += ["--constraint", str(self.constraints), *options, *packages]
        output = run(title, command, self.log, environment)
        if output is None:
            return None
        _stop_when_offline(output)
        return f"{UNBUILT}: {gist(output)}" if NO_BUILD.search(output) else gist(output)

    @property
    def _pip(self) -> tuple[str, ...]:
        return (str(self.python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install")

    @cached_property
    def _uv_environment(self) -> dict[str, str]:
        """uv reads none of pip's settings; a mirror or certificate set for pip is meant for it too."""
        environment = dict(os.environ)
        environment.setdefault("UV_HTTP_TIMEOUT", "300")
        listing = subprocess.run(
            [self.python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
        ).stdout
        for setting, variable in (("index[-_]url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
            found = re.search(rf"^(?:global|install|:env:)\.{setting}='(.*)'$", listing, re.MULTILINE)
            if found:
                environment.setdefault(variable, found.group(1))
        return environment


def _stop_when_offline(output: str) -> None:
    if OFFLINE.search(output):
        raise SetupFailed("the package index cannot be reached; check the network (or proxy) and run the command again")
