"""The operating system's keyring, in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
import keyring.backend
import keyring.errors


class Drawer(keyring.backend.KeyringBackend):
    """A keyring in memory; ``locked`` makes it fail as a locked one does."""

    priority = 1.0  # type: ignore[assignment]  # a class property upstream

    def __init__(self) -> None:
        super().__init__()
        self.secrets: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise keyring.errors.KeyringLocked
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.secrets[service, username]


@contextmanager
def opened() -> Iterator[Drawer]:
    """A drawer in the place of the user's keyring."""
    before = keyring.get_keyring()
    mine = Drawer()
    keyring.set_keyring(mine)
    try:
        yield mine
    finally:
        keyring.set_keyring(before)
