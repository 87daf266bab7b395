"""Scripts from files: every reader, every way to write letters, and what is refused with which sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from filmbench.harness.film import formats
from filmbench.harness.film.screenplay import Action, Dialogue, Lyrics, Transition
from filmbench.harness.types import UsageError

SPANISH = "Title: Señal\n\nINT. SALÓN - NOCHE\n\nSEÑORA ÁVILA\n¿Está aquí?\n"
FDX = """<?xml version="1.0" encoding="UTF-8" standalone="no" ?>
<FinalDraft DocumentType="Script" Template="No" Version="5"><Content>
<Paragraph Type="Transition"><Text>FADE IN:</Text></Paragraph>
<Paragraph Number="12A" Type="Scene Heading"><SceneProperties Length="2/8"/><Text>Int. Mill - night</Text></Paragraph>
<Paragraph Type="Outline 1"><Text>The quarrel</Text></Paragraph>
<Paragraph Type="Action"><ScriptNote ID="1"><Paragraph><Text>Too long?</Text></Paragraph></ScriptNote>
<Text>The wheel </Text><Text Style="Italic">turns</Text><Text>.</Text></Paragraph>
<Paragraph Type="Character"><Text>ANNA (V.O.)</Text></Paragraph>
<Paragraph Type="Parenthetical"><Text>(low)</Text></Paragraph>
<Paragraph Type="Dialogue"><Text>I was </Text><Text Style="Bold">ten</Text><Text>.</Text></Paragraph>
<Paragraph Type="Parenthetical"><Text>(beat)</Text></Paragraph>
<Paragraph Type="Dialogue"><Text>Or nine.</Text></Paragraph>
<Paragraph Type="Singing"><Text>La la</Text></Paragraph>
<Paragraph><DualDialogue>
<Paragraph Type="Character"><Text>Anna</Text></Paragraph><Paragraph Type="Dialogue"><Text>Yes!</Text></Paragraph>
<Paragraph Type="Character"><Text>BEN</Text></Paragraph><Paragraph Type="Dialogue"><Text>No &amp; no!</Text></Paragraph>
</DualDialogue></Paragraph>
<Paragraph Type="Transition"><Text>CUT TO:</Text></Paragraph>
<Paragraph Type="Scene Heading"><Text>EXT. YARD</Text></Paragraph>
<DualDialogue><Paragraph Type="Character"><Text>BEN</Text></Paragraph>
<Paragraph Type="Dialogue"><ScriptNote ID="2"><Paragraph><Text>Louder</Text></Paragraph></ScriptNote><Text>Go!</Text>
</Paragraph><Paragraph Type="Character"><Text>ANNA</Text></Paragraph>
<Paragraph Type="Dialogue"><Text>Stay!</Text></Paragraph></DualDialogue>
<Paragraph Alignment="Center" Type="General"><Text>THE END</Text></Paragraph>
</Content><TitlePage><Content><Paragraph Alignment="Center"><Text/></Paragraph>
<Paragraph><Text>The Mill</Text></Paragraph><Paragraph><Text>Written by</Text></Paragraph>
<Paragraph><Text>Ada Ruiz</Text></Paragraph></Content></TitlePage>
<ScriptNotes><ScriptNote Range="0,3"><Paragraph><Text>Ask Ada</Text></Paragraph></ScriptNote></ScriptNotes></FinalDraft>
"""
BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><FinalDraft><Content><Paragraph><Text>&c;</Text></Paragraph></Content>
</FinalDraft>"""
OUTSIDE = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><FinalDraft><Content>&f;</Content></FinalDraft>'


def put(folder: Path, content: bytes | str, name: str = "script.fountain") -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def test_final_draft(tmp_path: Path) -> None:
    script = formats.read(put(tmp_path, FDX, "mill.fdx"))
    assert (script.title, script.author, script.notes) == (
        "The Mill",
        "Ada Ruiz",
        ("The quarrel", "Too long?", "Louder", "Ask Ada"),
    )
    mill, yard = script.scenes
    assert (mill.place, mill.location, mill.time, mill.label) == ("INT", "MILL", "NIGHT", "12A")
    assert mill.elements == (
        Transition("FADE IN:"),
        Action("The wheel turns."),
        Dialogue("1.1", "ANNA", "I was ten. Or nine.", ((0, "low"), (3, "beat")), "V.O."),
        Lyrics("La la", "ANNA"),
        Dialogue("1.2", "ANNA", "Yes!"),
        Dialogue("1.3", "BEN", "No & no!", dual=True),
        Transition("CUT TO:"),
    )
    assert yard.elements == (
        Dialogue("2.1", "BEN", "Go!"),
        Dialogue("2.2", "ANNA", "Stay!", dual=True),
        Action("THE END", centred=True),
    )
    assert formats.read(put(tmp_path, FDX, "mill.txt")).scenes == script.scenes
    assert formats.read(put(tmp_path, FDX.replace("UTF-8", "UTF-16").encode("utf-16"), "u.fdx")).scenes == script.scenes


@pytest.mark.parametrize("xml", [BOMB, OUTSIDE])
def test_entities_are_refused_before_they_grow(tmp_path: Path, xml: str) -> None:
    with pytest.raises(UsageError, match="entities"):
        formats.read(put(tmp_path, xml, "bomb.fdx"))


@pytest.mark.parametrize(("xml", "said"), [("<FinalDraft><Content>", "damaged"), ("<html><Content/></html>", "<html>")])
def test_other_xml(tmp_path: Path, xml: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        formats.read(put(tmp_path, xml, "x.fdx"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_however_written(tmp_path: Path, encoding: str) -> None:
    script = formats.read(put(tmp_path, SPANISH.encode(encoding)))
    assert script.title == "Señal"
    assert [(speech.character, speech.text) for speech in script.speeches] == [("SEÑORA ÁVILA", "¿Está aquí?")]
    assert script.remarks == ()


def test_windows_1252_is_read_rightly_and_said_so(tmp_path: Path) -> None:
    text = SPANISH + "\nBEN\n“It’s five € – no…”\n"
    script = formats.read(put(tmp_path, text.encode("cp1252"), "s.txt"))
    assert [speech.text for speech in script.speeches] == ["¿Está aquí?", "“It’s five € – no…”"]
    assert script.scenes[0].time == "NOCHE"
    assert script.remarks == ("Read as Windows-1252, for line 1 is not UTF-8: look whether its accents are right.",)


@pytest.mark.parametrize(
    ("content", "said", "hint"),
    [
        (b"", "is empty", "Fountain"),
        (b" \r\n\t\n", "is empty", "Fountain"),
        ("\ufeff \n".encode(), "is empty", "Fountain"),
        (b"%PDF-1.7\n%\xe2\xe3", "is a PDF", "Export the script"),
        (b"PK\x03\x04\x14\x00", "is a packed document", "Export the script"),
        (b"{\\rtf1\\ansi INT.", "is rich text", "Export the script"),
        (bytes(range(256)) * 4, "is no text", "iconv"),
        (bytes(range(1, 32)) * 40, "is no text", "Export the script"),
        (SPANISH.encode("utf-16-le"), "UTF-16 without its byte order mark", "iconv -f UTF-16LE"),
        (b"\xff\xfe\x00", "is no text", "Export the script"),
        ("FADE IN:\n\nINT. CAFÉ".encode("cp437"), "neither UTF-8 nor Windows-1252 (line 3)", "iconv -f ENCODING"),
    ],
)
def test_what_is_no_script_gets_a_sentence_and_a_way_on(tmp_path: Path, content: bytes, said: str, hint: str) -> None:
    with pytest.raises(UsageError) as error:
        formats.read(put(tmp_path, content))
    assert said in str(error.value) and hint in (error.value.hint or "")
    assert error.value.exit_code == 2


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        formats.read(tmp_path / "none.fountain")
    with pytest.raises(UsageError, match="is a folder"):
        formats.read(tmp_path)


def test_a_file_too_large_is_not_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "huge.fountain"
    with file.open("wb") as stream:
        stream.truncate(10**12)
    with pytest.raises(UsageError, match="20 MB"):
        formats.read(file)


def test_no_dialogue_is_valid_and_said(tmp_path: Path) -> None:
    script = formats.read(put(tmp_path, "EXT. SEA - DAY\n\nWaves.\n", "sea.fountain"))
    assert script.title == "sea"
    assert not list(script.speeches)
    assert script.remarks == ("Nobody speaks in this script: there is nothing to voice, dub or sync.",)
