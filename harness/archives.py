"""What a damaged ZIP raises, whichever byte is wrong; readers of one from outside turn it into a sentence of theirs."""

from __future__ import annotations

import struct
import zipfile
import zlib

DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError, ValueError, OSError, RuntimeError)
"""Raised by :mod:`zipfile`, and by what reads its members, on bytes that are not those written."""
