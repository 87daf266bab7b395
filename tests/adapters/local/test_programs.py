"""Programs that are missing, hang, fail or die: told in one sentence, and nothing stays behind."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest
import soundfile
from filmbench.adapters.local import _programs as programs
from filmbench.adapters.local import festival
from filmbench.adapters.local.espeak_ng import ESPEAK
from filmbench.adapters.local.piper import Piper
from filmbench.harness import doctor, registry
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome, UsageError


@pytest.mark.parametrize(
    ("id", "program", "remedy"),
    [
        ("local/espeak-ng", "espeak-ng", "apt-get install espeak-ng"),
        ("local/flite", "flite", "apt-get install flite"),
        ("local/festival", "text2wave", "apt-get install festival"),
        ("local/kokoro", "espeak-ng", "apt-get install espeak-ng"),
        ("local/floor", "espeak-ng", "apt-get install espeak-ng"),
    ],
)
def test_a_missing_program_is_a_requirement_with_its_remedy(studio, monkeypatch, tmp_path, id, program, remedy):
    assert doctor.missing(studio.engine(id).spec.requires) == ()
    monkeypatch.setenv("PATH", str(tmp_path))
    lacking = doctor.missing(studio.engine(id).spec.requires)
    assert (lacking[0].kind, lacking[0].name, lacking[0].remedy) == ("program", program, remedy)


def test_a_program_that_vanishes_in_a_run_is_one_clear_error(studio, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="espeak-ng is not installed") as missing:
        studio.say("local/espeak-ng", "Hello.")
    assert missing.value.hint == "apt-get install espeak-ng"


def test_a_voice_that_is_not_installed_is_unsupported(studio, monkeypatch):
    absent = replace(festival.VOICES["lp_diphone"], package="festvox-is-not-there")
    monkeypatch.setitem(festival.VOICES, "lp_diphone", absent)
    with pytest.raises(Refusal, match="apt-get install festvox-is-not-there") as refused:
        studio.say("local/festival", "Ciao.", language="it")
    assert refused.value.outcome is Outcome.UNSUPPORTED


@pytest.fixture
def impostor(monkeypatch, tmp_path):
    """Puts a shell script of the test's in the place of espeak-ng."""

    def put(script):
        path = tmp_path / "espeak-ng"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    return put


def test_a_hanging_program_is_ended(impostor, tmp_path):
    impostor("exec sleep 60")
    with pytest.raises(TimeoutError, match=r"espeak-ng took longer than 0.3 s"):
        programs.run(ESPEAK, [], tmp_path, timeout=0.3)


def test_a_failing_program_is_quoted(impostor, studio):
    impostor("echo 'no such voice' >&2; exit 3")
    with pytest.raises(RuntimeError, match=r"espeak-ng failed \(3\): no such voice"):
        studio.say("local/espeak-ng", "Hello.")


def test_a_program_that_writes_nothing_makes_no_take(impostor, studio):
    impostor("exit 0")
    with pytest.raises(Refusal, match="made no sound"):
        studio.say("local/espeak-ng", "Hello.")


def test_programs_learn_no_secret_of_the_environment(impostor, tmp_path, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_API_KEY", "xi-4711")
    impostor("env")
    assert "4711" not in programs.run(ESPEAK, [], tmp_path)


def test_every_engine_says_what_it_is(studio):
    for id, provider in registry.providers().items.items():
        if provider.spec.local and provider.spec.role == "arm" and not provider.spec.id.startswith("local/fake"):
            identity = provider.identity()
            assert any(char.isdigit() for char in identity["engine"]), id
            assert provider.identity() == identity
    assert len(studio.engine("local/kokoro").identity()["weights"]) == 64
    assert "festvox-us-slt-hts 0.2010" in studio.engine("local/festival").identity()["voices"]


def test_piper_is_started_again_after_it_died(studio):
    studio.kept("local/piper", "The camera keeps rolling.")
    process = studio.engine("local/piper")._process._process
    process.kill()
    process.wait()
    assert soundfile.info(studio.say("local/piper", "The camera keeps rolling.")).duration > 1


def test_piper_does_not_outlive_a_killed_worker():
    script = (
        "from filmbench.adapters.local.piper import PROVIDERS\n"
        "PROVIDERS[0].load()\n"
        "print(PROVIDERS[0]._process._process.pid, flush=True)\n"
        "import time; time.sleep(60)\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    piper = int(worker.stdout.readline())
    assert psutil.pid_exists(piper)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    deadline = time.monotonic() + 30
    while psutil.pid_exists(piper) and psutil.Process(piper).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "piper still runs"
        time.sleep(0.05)


def test_piper_leaves_no_file_in_the_cache_and_sweeps_what_a_killed_worker_left(studio, monkeypatch, tmp_path):
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path))
    cache = tmp_path / "piper"
    cache.mkdir()
    for name, age in (("old.wav", 3600), ("new.wav", 1)):
        (cache / name).touch()
        os.utime(cache / name, (time.time() - age,) * 2)
    engine = Piper()
    engine.render(studio.request("local/piper", "The camera keeps rolling."), studio.media, tmp_path)
    engine._process.close()
    assert {path.name for path in cache.iterdir()} == {"new.wav"}
