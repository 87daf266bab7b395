"""The set-up brings from Debian what the engines ask for, so that no row is skipped on a machine that was set up."""

import importlib.util
import sys
from pathlib import Path

from filmbench.adapters.local import _translation as translation
from filmbench.harness import registry

SETUP = Path(__file__).parents[2] / "harness" / "setup"


def brought(monkeypatch):
    monkeypatch.syspath_prepend(str(SETUP))  # a script's modules, found by its folder
    spec = importlib.util.spec_from_file_location("setup_system", SETUP / "system.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return set(module.ENGINES)


def test_every_debian_package_that_an_engine_needs_is_installed(monkeypatch):
    needs = [need for one in registry.providers().items.values() for need in one.spec.requires]
    asked = {need.remedy.removeprefix("apt-get install ") for need in needs if need.kind in ("program", "debian")}
    assert "espeak-ng" in asked
    assert asked | set(translation.PACKAGES.values()) <= brought(monkeypatch)
