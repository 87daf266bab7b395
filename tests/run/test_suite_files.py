"""A suite file that is wrong says where: file, line, key and what to do."""

from __future__ import annotations

import pytest
from filmbench.harness import plan, suite
from filmbench.harness.types import UsageError

GOOD = """\
name = "mine"

[[tasks]]
contract = "tts"
dataset = "film-lines"
languages = ["en"]
limit = 2

[[tasks.arms]]
provider = "local/espeak-ng"

[[tasks.arms]]
provider = "local/flite"
label = "flite"
params = { voice = "slt" }
"""


def test_the_good_one_is_good():
    made = plan.make(suite.parse(GOOD, "mine.toml"))
    assert len(made) == 4
    assert [asked.request.arm.label for _, asked in made.asked()] == ["local/espeak-ng", "flite"] * 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("limit = 2", "limit = 0", "mine.toml, line 7, tasks.0.limit: "),
        ("limit = 2", "limits = 2", "mine.toml, line 7, tasks.0.limits: "),
        ('label = "flite"', 'labels = "flite"', "mine.toml, line 14, tasks.0.arms.1.labels: "),
        ('name = "mine"', 'name = "My Suite!"', "mine.toml, line 1, name: "),
        ('label = "flite"', 'label = "local/espeak-ng"', "two arms are called 'local/espeak-ng'"),
        ('name = "mine"', "name = mine", "mine.toml: not valid TOML"),
    ],
)
def test_malformed(old, new, said):
    with pytest.raises(UsageError) as caught:
        suite.parse(GOOD.replace(old, new), "mine.toml")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said", "hint"),
    [
        ("local/flite", "local/fite", "there is no provider 'local/fite'", "did you mean local/flite"),
        ("film-lines", "film-line", "film-line", "film-lines"),
        ('contract = "tts"', 'contract = "tss"', "there is no contract 'tss'", "tts"),
        ("limit = 2", 'metrics = ["tts.were"]', "there is no metric 'tts.were'", "tts.wer"),
        ('voice = "slt"', 'voise = "slt"', "has no parameter 'voise'", "did you mean voice"),
        ('voice = "slt"', 'voice = "nobody"', "voice cannot be 'nobody'", "slt"),
        ('voice = "slt"', "voice = 3", "voice must be str", ""),
        ('languages = ["en"]', 'languages = ["xx"]', "no sample", ""),
        ("limit = 2", 'samples = ["en-s99-l9"]', "no sample 'en-s99-l9'", "datasets show"),
        ("film-lines", "film-lines@9.9.9", "9.9.9", ""),
    ],
)
def test_names_that_do_not_exist(old, new, said, hint):
    with pytest.raises(UsageError) as caught:
        plan.make(suite.parse(GOOD.replace(old, new), "mine.toml"))
    assert said in str(caught.value)
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(("text", "said"), [("   ", "has no text"), ("long " * 20_000, "characters; the most is")])
def test_a_text_nobody_can_speak(tmp_path, text, said):
    (tmp_path / "wavs").mkdir()
    (tmp_path / "metadata.csv").write_text(f"LJ001|{text}|{text}\n")
    (tmp_path / "wavs" / "LJ001.wav").write_bytes(b"")
    file = GOOD.replace('"film-lines"', f'"ljspeech:{tmp_path}"')
    with pytest.raises(UsageError):
        plan.make(suite.parse(file, "mine.toml"))


def test_no_clone_without_consent(tmp_path):
    (tmp_path / "prompt.wav").write_bytes(b"RIFF")
    (tmp_path / "meta.lst").write_text("one|hello there|prompt.wav|and good night\n")
    file = f"""\
name = "clone"
[[tasks]]
contract = "tts"
dataset = "seed-tts-eval:{tmp_path / "meta.lst"}"
[[tasks.arms]]
provider = "elevenlabs/eleven_v3"
"""
    with pytest.raises(UsageError, match="consent"):
        plan.make(suite.parse(file, "clone.toml"))


def test_a_voice_that_is_nobodys_needs_no_consent(tmp_path):
    import hashlib
    import json

    (tmp_path / "voice.wav").write_bytes(b"RIFF")
    sha256 = hashlib.sha256(b"RIFF").hexdigest()
    voice = {"file": "voice.wav", "sha256": sha256, "media_type": "audio/wav", "bytes": 4}
    samples = tmp_path / "samples.jsonl"

    def planned(**more) -> int:
        line = json.dumps({"id": "one", "inputs": {"text": "hello", "voice_sample": voice}, **more}) + "\n"
        samples.write_text(line)
        texts = dict.fromkeys(("name", "version", "title", "licence", "attribution"), "x") | {"contract": "tts"}
        pins = f'samples = 1\n[files]\n"samples.jsonl" = "{hashlib.sha256(line.encode()).hexdigest()}"\n'
        table = "".join(f'{name} = "{text}"\n' for name, text in texts.items()) + pins
        (tmp_path / "dataset.toml").write_text(table)
        (tmp_path / "card.md").write_text("card")
        file = f"""\
name = "clone"
[[tasks]]
contract = "tts"
dataset = "folder:{tmp_path}"
[[tasks.arms]]
provider = "elevenlabs/eleven_v3"
"""
        return len(plan.make(suite.parse(file, "clone.toml")))

    with pytest.raises(UsageError, match="consent"):
        planned()
    assert planned(tags=["synthetic"]) == 1
    assert planned(consent={"who": "me", "evidence": "my own voice"}) == 1


def test_built_in_suites_are_valid():
    for name in suite.built_in():
        asked = suite.load(name)
        try:
            assert len(plan.make(asked)) > 0
        except UsageError as error:  # the one other thing that may stand in the way, and its remedy
            assert error.hint and "filmbench datasets fetch" in error.hint, name


def test_unknown_suite_suggests_a_name():
    with pytest.raises(UsageError) as caught:
        suite.load("tts-quik")
    assert caught.value.hint == "did you mean tts-quick?"
