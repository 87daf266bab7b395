"""A script from a file: which reader it wants, how its letters are written, and what is no script at all."""

from __future__ import annotations

import codecs
from dataclasses import replace
from pathlib import Path

from filmbench.harness.film.screenplay import Screenplay
from filmbench.harness.types import UsageError

SCRIPTS = Path(__file__).with_name("scripts")
"""The screenplays that ship with filmbench, translations beside them: ``late-train``, and ``excerpt`` of 15 seconds."""
LARGEST = 20_000_000
"""Bytes; a script of 300 pages has about half a million."""
EXPORT = "Export the script as Fountain (.fountain) or Final Draft (.fdx) from the program it was written in."
OTHERS = {
    b"%PDF": "a PDF, which holds pictures of pages and not what is a name and what is a line",
    b"PK\x03\x04": "a packed document (Word, Highland, Celtx), not a text",
    b"{\\rtf": "rich text (RTF)",
    b"\xd0\xcf\x11\xe0": "an old Word document",
    b"\x7fELF": "a program",
}
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks, the longer first: UTF-16's begins UTF-32's."""
CONTROLS = bytes(code for code in range(32) if chr(code) not in "\t\n\v\f\r\x1a")
MOST_CONTROLS = 0.01
"""Of a text's bytes; old editors leave a few."""


def read(file: Path, language: str | None = None) -> Screenplay:
    """The screenplay in ``file``: Final Draft by its content, anything else as Fountain.

    ``language`` (ISO 639-1) is the dialogue's, by default what the title page says, else English. What the reader
    had to assume stands in ``remarks``. Raises :class:`UsageError` for a file that cannot be read, is empty, is too
    large or is no text.
    """
    from filmbench.harness.film import fdx, fountain

    data = _bytes(file)
    if b"<FinalDraft" in data[:2000] or file.suffix.lower() == ".fdx":
        return fdx.parse(data, language, file.stem)
    text, remark = _decoded(data, file)
    if not text.strip("\ufeff\0 \t\r\n\v\f\x1a"):
        raise UsageError(f"{file} is empty.", "Give a screenplay in Fountain (.fountain) or Final Draft (.fdx).")
    script = fountain.parse(text, language, file.stem)
    return replace(script, remarks=(remark, *script.remarks)) if remark else script


def _bytes(file: Path) -> bytes:
    try:
        if file.is_dir():
            raise UsageError(f"{file} is a folder.", "Name the screenplay in it.")
        with file.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        hint = "Check its name and permissions."
        raise UsageError(f"Cannot read {file}: {error.strerror or error}.", hint) from None
    if len(data) > LARGEST:
        raise UsageError(f"{file} has more than {LARGEST // 1_000_000} MB: no script is that long.", EXPORT)
    if not data.strip():
        raise UsageError(f"{file} is empty.", "Give a screenplay in Fountain (.fountain) or Final Draft (.fdx).")
    for magic, what in OTHERS.items():
        if data.startswith(magic):
            raise UsageError(f"{file} is {what}.", EXPORT)
    return data


def _decoded(data: bytes, file: Path) -> tuple[str, str | None]:
    """The text, and what its user should know of how it was read."""
    binary = UsageError(f"{file} is no text.", EXPORT)
    for mark, encoding in MARKS.items():
        if data.startswith(mark):
            try:
                return data.decode(encoding), None
            except UnicodeDecodeError:
                raise binary from None
    if b"\0" in data:
        hint = f"If it is UTF-16: iconv -f UTF-16LE -t UTF-8 '{file.name}' > script.fountain"
        raise UsageError(f"{file} is no text, or UTF-16 without its byte order mark.", hint)
    if len(data) - len(data.translate(None, CONTROLS)) > MOST_CONTROLS * len(data):
        raise binary
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        hint = f"Convert it from what it is: iconv -f ENCODING -t UTF-8 '{file.name}' > script.fountain"
        raise UsageError(f"{file} is neither UTF-8 nor Windows-1252 (line {line}).", hint) from None
    return text, f"Read as Windows-1252, for line {line} is not UTF-8: look whether its accents are right."
