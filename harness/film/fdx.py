"""Final Draft's FDX: XML whose paragraphs say what they are.

Why our own: of the libraries that read it on PyPI, screenplay-tools 0.0.10 takes the first run of a paragraph only, so
that a speech with one word in italics ends before it, and loses what is said at once; the others only write it.
Names and headings are read in capitals, which Final Draft shows whatever was typed.

The XML is untrusted: a document type or an entity of its own is refused before anything is expanded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from filmbench.harness.film.building import Builder, Said, named
from filmbench.harness.film.screenplay import Action, Lyrics, Screenplay, Transition
from filmbench.harness.types import UsageError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NEXT = "Open it in Final Draft and save it again, or export the script as Fountain."
SUNG = frozenset({"Lyrics", "Singing"})
BELOW_A_NAME = SUNG | {"Dialogue", "Parenthetical"}


def parse(data: bytes, language: str | None = None, title: str = "Untitled") -> Screenplay:
    """The screenplay in ``data``; ``title`` is for a script without a title page.

    The title is the title page's first line, the author the line behind ``written by``. Raises
    :class:`UsageError` for what is no FDX, or XML that declares a document type.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise UsageError("This FDX declares entities or a document type, which no script needs.", NEXT) from None
    except (ParseError, ValueError, LookupError) as error:
        raise UsageError(f"This FDX is damaged: {error}.", NEXT) from None
    content = root.find("Content")
    if root.tag != "FinalDraft" or content is None:
        raise UsageError(f"This XML is no Final Draft script: its root is <{root.tag[:40]}>.", NEXT)
    builder = Builder()
    _read(content, builder)
    for note in root.iterfind("ScriptNotes/ScriptNote"):
        builder.note(" ".join(note.itertext()))
    page = [_text(one) for one in root.iterfind("TitlePage/Content/Paragraph")]
    named_page = [line for line in page if line]
    by = next((at for at, line in enumerate(named_page) if line.lower().strip(":") in ("written by", "by")), None)
    author = named_page[by + 1] if by is not None and by + 1 < len(named_page) else None
    return builder.screenplay(named_page[0] if named_page else title, language or "en", author)


def _read(content: Element, builder: Builder) -> None:
    cue, lines, dual = "", list[Said](), False
    for paragraph, beside in _paragraphs(content):
        kind, text = paragraph.get("Type", "Action"), _text(paragraph)
        for note in paragraph.iterfind("ScriptNote"):
            builder.note(" ".join(note.itertext()))
        if kind in BELOW_A_NAME and cue:
            lines.append(_said(kind, text))
            continue
        if cue:
            builder.speech(*named(cue), lines, dual=dual)
        cue, lines, dual = "", [], False
        if kind == "Character":
            cue, dual = text.upper(), beside
        elif kind == "Scene Heading":
            builder.scene(text.upper(), paragraph.get("Number"))
        elif kind == "Transition":
            builder.add(Transition(text))
        elif kind in SUNG:
            builder.add(Lyrics(text))
        elif kind.startswith("Outline"):
            builder.note(text)
        else:
            builder.add(Action(text, centred=paragraph.get("Alignment") == "Center"))
    if cue:
        builder.speech(*named(cue), lines, dual=dual)


def _paragraphs(content: Element) -> Iterator[tuple[Element, bool]]:
    """Paragraphs in order, and whether each belongs to the second of two speeches said at once.

    Final Draft puts such a pair into a paragraph of its own, other programs beside the paragraphs.
    """
    for one in content:
        both = one if one.tag == "DualDialogue" else one.find("DualDialogue")
        if one.tag == "Paragraph":
            yield one, False
        speakers = 0
        for inner in both.iterfind("Paragraph") if both is not None else ():
            speakers += inner.get("Type") == "Character"
            yield inner, speakers > 1


def _said(kind: str, text: str) -> Said:
    if kind == "Parenthetical":
        return Said("direction", text.removeprefix("(").removesuffix(")").strip())
    return Said("spoken" if kind == "Dialogue" else "sung", text)


def _text(paragraph: Element) -> str:
    """The runs of a paragraph, without the notes that hang on it."""
    return "".join("".join(run.itertext()) for run in paragraph.iterfind("Text")).strip()
