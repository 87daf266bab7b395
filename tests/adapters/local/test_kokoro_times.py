"""When each phoneme sounds: the network's own durations, in seconds of the sound that it gave."""

import itertools
import json

import soundfile


def test_the_phonemes_times_lie_inside_the_sound_and_follow_one_another(studio, tmp_path):
    from filmbench.adapters.local import kokoro

    engine = studio.engine("local/kokoro")
    engine.load()
    chunks = engine._chunks("Bring the lantern. We go up.", "us", tmp_path)
    said = [engine._say(chunk, "af_heart", 1.0) for chunk in chunks]
    for sound, frames in said:
        assert len(sound) == frames.sum() * kokoro.FRAME
    spans = kokoro.kept([sound for sound, _ in said], [])
    times = kokoro._timed(chunks, said, spans)
    assert "".join(symbol for symbol, _, _ in times) == "".join(chunks)
    assert all(start <= end for _, start, end in times)
    assert all(before[2] == after[1] for before, after in itertools.pairwise(times))
    assert times[-1][2] <= len(said[0][0]) / kokoro.RATE


def test_joined_strings_keep_their_times(studio, monkeypatch):
    from filmbench.adapters.local import kokoro

    monkeypatch.setattr(kokoro, "LIMIT", 12)
    path = studio.say("local/kokoro", "Come in. Sit down. Go.")
    seconds = soundfile.info(path).duration
    times = json.loads((path.parent / "phonemes.json").read_text(encoding="utf-8"))
    assert "".join(symbol for symbol, _, _ in times).count(".") == 3
    assert all(before[2] <= after[1] + 1e-3 for before, after in itertools.pairwise(times))
    assert 0.5 * seconds < times[-1][2] <= seconds
