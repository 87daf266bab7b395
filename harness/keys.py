"""Vendors' keys: from the environment, else from the operating system's keyring (service ``filmbench``).

A key is wrapped so that it cannot slip into a log, an error, a pickle or a JSON file by accident.
"""

from __future__ import annotations

import os
from typing import NoReturn

from filmbench.harness.types import UsageError

SERVICE = "filmbench"


class Key:
    """A secret that prints as its variable's name; :meth:`reveal` is the one way to its text."""

    __slots__ = ("_secret", "variable")

    def __init__(self, variable: str, secret: str) -> None:
        self.variable = variable
        self._secret = secret

    def reveal(self) -> str:
        """The text itself, for the one header or client that needs it."""
        return self._secret

    def __repr__(self) -> str:
        return f"<key {self.variable}, hidden>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"the key {self.variable} is not to be copied or written anywhere")


def find(variable: str) -> Key | None:
    """The key that ``variable`` names, or ``None`` when neither environment nor keyring has it."""
    secret = os.environ.get(variable, "").strip() or _from_keyring(variable)
    return Key(variable, secret) if secret else None


def get(variable: str) -> Key:
    """The key that ``variable`` names. Raises :class:`UsageError` saying how to give it."""
    key = find(variable)
    if key is None:
        hint = f"export {variable}=…, or keep it in the system's keyring: keyring set {SERVICE} {variable}"
        raise UsageError(f"this needs {variable}", hint)
    return key


def _from_keyring(variable: str) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        secret: str | None = keyring.get_password(SERVICE, variable)
    except KeyringError:  # no keyring runs here, or it stays locked: as good as no key
        return None
    return secret
