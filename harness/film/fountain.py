"""Fountain, the screenplay as plain text: https://fountain.io/syntax, version 1.1.

Why our own: of the libraries on PyPI none reads all of it. fountain-py 0.3.0, the best kept, takes a name with an
accent (``SEÑORA``, ``ÄITI``) for action and loses its speech, as it does a speech that is shouted in capitals before a
parenthetical; screenplain 0.12.0 knows no lyrics and has them spoken, tilde and all; screenplay-tools 0.0.10 leaves
emphasis marks in the words and ends a speech at a lyric; Jouvence 0.4.2 loses names with an accent, lyrics and what is
said at once.

Rules beyond the letter of the syntax, all so that no word of a script is lost:
- A heading needs no blank line behind it if it is in capitals, and may begin ``EXT./INT.`` too.
- ``FADE IN:``, ``FADE OUT.``, ``FADE TO BLACK.``, ``CUT TO BLACK.`` and ``SMASH CUT:`` alone on a line are transitions.
- A line inside a paragraph of action stays in it, whatever it looks like (``.38 in hand``), unless it begins with one
  of ``# = > ~ !``.
- The first lines are a title page only if one of its known keys is among them.
- A comment or note that is never closed is text, and the reader remarks on it. A comment that fills whole lines does
  not part what stands above and below.
- Below a name everything to the next blank line is speech, also what would be an element elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from filmbench.harness.film.building import Builder, Said, named
from filmbench.harness.film.headings import PREFIX
from filmbench.harness.film.screenplay import Action, Lyrics, Screenplay, Transition

AUTHOR_KEYS = ("author", "authors", "written by", "writer", "writers")
TITLE_KEYS = frozenset({"title", "credit", "source", "draft date", "date", "contact", "copyright", "notes", "language"})
KEY = re.compile(r"([^\W\d_][^:\n]{0,40}):[ \t]*(.*)")
LABEL = re.compile(r"#([\w.\-]+)#$")
TRANSITIONS = frozenset({"FADE IN:", "FADE IN.", "FADE OUT.", "FADE TO BLACK.", "CUT TO BLACK.", "SMASH CUT:"})
CUT = "\ufdd0"
"""Stands for a comment or note until lines are read: a code point that Unicode keeps out of texts."""
STAR, BAR = "\ufdd1", "\ufdd2"
"""Stand for an escaped ``*`` and ``_`` until the emphasis marks are gone."""
OURS = str.maketrans("", "", CUT + STAR + BAR)


def parse(text: str, language: str | None = None, title: str = "Untitled") -> Screenplay:
    """The screenplay in ``text``.

    ``language`` is the writer's (ISO 639-1); without it the title page's ``Language:`` line, else English. ``title``
    is for a script whose title page names none. Any text whatever is read: what is no other element is action.
    """
    builder = Builder()
    text = text.translate(OURS).replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    text, _, open_comment = _without(text, "/*", "*/")
    text, notes, open_note = _without(text, "[[", "]]", within_paragraph=True)
    if open_comment:
        builder.remarks.append("A comment /* is never closed: it is read as text.")
    if open_note:
        builder.remarks.append("A note [[ is never closed: it is read as text.")
    for note in notes:
        builder.note(note)
    lines = list(_lines(text))
    about, body = _title_page(lines)
    _Body(lines[body:], builder).read()
    known = dict(about)
    asked = known.pop("language", "").strip()
    code = re.match(r"[A-Za-z]{2}(?![A-Za-z])", asked)
    if asked and not code:
        builder.remarks.append(f"Language: {asked[:40]} is no code of two letters (en, es …): passed over.")
    name = " ".join(known.pop("title", "").split())
    author = next((known.pop(key) for key in AUTHOR_KEYS if key in known), None)
    return builder.screenplay(
        name or title, language or (code[0].lower() if code else "en"), author, tuple(known.items())
    )


def plain(text: str) -> str:
    """``text`` without its emphasis marks; ``\\*`` and ``\\_`` are the signs themselves.

    A mark opens before a letter and closes behind one, on one line; a ``_`` between two letters is a letter.
    """
    return "\n".join(map(_plain, text.split("\n")))


def _plain(line: str) -> str:
    line = line.replace("\\*", STAR).replace("\\_", BAR)
    runs = [[match.start(), match.end(), match.end() - match.start()] for match in re.finditer(r"\*+|_+", line)]
    waiting: dict[str, list[list[int]]] = {"*": [], "_": []}
    for run in runs:
        start, end, _ = run
        mark, before, after = line[start], line[start - 1 : start], line[end : end + 1]
        inside_word = mark == "_" and before.isalnum() and after.isalnum()
        opens = bool(after.strip()) and not inside_word
        closes = bool(before.strip()) and not inside_word
        openers = waiting[mark]
        while closes and run[2] and openers:
            used = min(run[2], openers[-1][2])
            run[2] -= used
            openers[-1][2] -= used
            if not openers[-1][2]:
                openers.pop()
        if opens and run[2]:
            openers.append(run)
    kept, at = [], 0
    for start, end, left in runs:
        kept += [line[at:start], line[start] * left]
        at = end
    return ("".join(kept) + line[at:]).replace(STAR, "*").replace(BAR, "_")


def _without(text: str, opening: str, closing: str, *, within_paragraph: bool = False) -> tuple[str, list[str], bool]:
    """``text`` with each marked passage replaced by ``CUT``, the passages, and whether one is never closed.

    ``within_paragraph``: an empty line ends the passage unless it holds two spaces.
    """
    kept: list[str] = []
    passages: list[str] = []
    never = False
    at, end, blank = 0, 0, -1
    while (start := text.find(opening, at)) >= 0:
        inside = start + len(opening)
        if end < inside:
            end = text.find(closing, inside)
        if within_paragraph and blank < inside:
            gap = re.compile(r"\n ?\n").search(text, inside)
            blank = gap.start() if gap else len(text)
        if end < 0:
            return "".join([*kept, text[at:]]), passages, True
        if within_paragraph and blank < end:
            never = True
            kept.append(text[at:inside])
            at = inside
            continue
        kept += [text[at:start], CUT]
        passages.append(text[inside:end])
        at = end + len(closing)
    return "".join([*kept, text[at:]]), passages, never


def _lines(text: str) -> Iterator[str]:
    """Lines, without those that held nothing but comments and notes."""
    for line in text.split("\n"):
        if CUT not in line:
            yield line
        elif line.replace(CUT, "").strip():
            yield re.sub(rf" *{CUT}[ {CUT}]*", lambda cut: " " if " " in cut[0] else "", line)


def _title_page(lines: list[str]) -> tuple[list[tuple[str, str]], int]:
    """Keys (small letters) with their values, and the line the body begins with."""
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    about: list[tuple[str, str]] = []
    end = first
    for line in lines[first:]:
        if not line.strip():
            break
        key = KEY.fullmatch(line) if not line.startswith("   ") else None
        if key:
            about.append((" ".join(key[1].lower().split()), plain(key[2].strip())))
        elif about:
            name, value = about[-1]
            about[-1] = (name, f"{value}\n{plain(line.strip())}".strip())
        else:
            break
        end += 1
    if not TITLE_KEYS.union(AUTHOR_KEYS).intersection(key for key, _ in about):
        return [], 0
    return about, end


@dataclass(slots=True)
class _Body:
    """Walks the lines below the title page."""

    lines: list[str]
    builder: Builder
    at: int = 0

    def read(self) -> None:
        while self.at < len(self.lines):
            line = self.lines[self.at].strip()
            if not line:
                self.at += 1
            elif not (self._marked(line) or self._begun(line)):
                self._action()

    def _marked(self, line: str) -> bool:
        """Elements told by their first sign alone."""
        sign, rest = line[0], line[1:].strip()
        if re.fullmatch("={3,}", line):
            pass  # a page break: of the paper, not of the film
        elif sign == "#":
            self.builder.note(line.lstrip("#"))
        elif sign == "=" and not rest.startswith("="):
            self.builder.note(rest)
        elif sign == "~":
            self.builder.add(Lyrics(plain(rest)))
        elif sign == ">":
            centred = rest.endswith("<")
            text = plain(rest.removesuffix("<").strip())
            self.builder.add(Action(text, centred=True) if centred else Transition(text))
        else:
            return False
        self.at += 1
        return True

    def _begun(self, line: str) -> bool:
        """Elements that begin a paragraph: what follows inside one is action."""
        last = not self._line(self.at + 1).strip()
        if line[0] == "." and line[1:2].isalnum():
            self._heading(line[1:])
        elif PREFIX.match(line) and (last or line == line.upper()):
            self._heading(line)
        elif last and line == line.upper() and (line.endswith(" TO:") or line in TRANSITIONS):
            self.builder.add(Transition(plain(line)))
            self.at += 1
        elif line[0] != "!" and _cue(line) and self._line(self.at + 1):
            return self._speech(line)
        else:
            return False
        return True

    def _heading(self, line: str) -> None:
        label = LABEL.search(line)
        heading = plain(line[: label.start()] if label else line).strip()
        self.builder.scene(heading, label[1] if label else None)
        self.at += 1

    def _speech(self, cue: str) -> bool:
        """A name and what stands below it; not one where only white space does."""
        end = self.at + 1
        while len(line := self._line(end)) > 1 or line.strip():
            end += 1
        said = [line.strip() for line in self.lines[self.at + 1 : end] if line.strip()]
        if not said:
            return False
        cue = cue.removeprefix("@").strip()
        dual = cue.endswith("^")
        name, extension = named(plain(cue.rstrip("^")))
        self.builder.speech(name, extension, _said(said), dual=dual)
        self.at = end
        return True

    def _action(self) -> None:
        """A paragraph: to the next blank line, or the next line that is marked as something else."""
        paragraph: list[str] = []
        while (line := self._line(self.at)).strip():
            sign = line.strip()[0]
            if paragraph and sign in "#~>!=":
                break
            paragraph.append(line.strip()[1:] if sign == "!" else line.rstrip())
            self.at += 1
        text = plain("\n".join(paragraph)).strip("\n")
        if text.strip():
            self.builder.add(Action(text))

    def _line(self, number: int) -> str:
        return self.lines[number] if number < len(self.lines) else ""


def _cue(line: str) -> bool:
    """Whether a line can be a name: forced by ``@``, or capitals only but for what stands in brackets."""
    if line[0] == "@":
        return bool(line[1:].strip(" ^"))
    name, _ = named(line.rstrip("^ "))
    return "(" not in name and name == name.upper() and any(letter.isupper() for letter in name)


def _said(lines: list[str]) -> Iterator[Said]:
    """What the lines below a name are; a direction may run over several."""
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if line[0] == "(":
            end = at
            while not lines[end - 1].endswith(")") and end < len(lines) and lines[end][0] != "(":
                end += 1
            direction = " ".join(lines[at - 1 : end])
            if _bracketed(direction):
                yield Said("direction", plain(direction[1:-1].strip()))
                at = end
                continue
        if line[0] == "~":
            yield Said("sung", plain(line[1:].strip()))
        else:
            yield Said("spoken", plain(line))


def _bracketed(text: str) -> bool:
    """Whether one pair of brackets holds all of ``text``: ``(low) he says (twice)`` is speech."""
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth <= 0:
            return at == len(text) - 1
    return False
