"""Rows that must do badly: a table where one of them does not is a table not to trust.

``damage`` says what is wrong with the row; each damage is an arm of its own:

- ``noise_20``, ``noise_10``, ``noise_0``: the human reading in steady noise of its own long-term spectrum, at that
  signal-to-noise ratio in dB over the whole file;
- ``clipping``: the reading raised until its peak is 20 dB above full scale, and cut there;
- ``low_pass``: the reading below 3.5 kHz only (Butterworth, 8th order, run both ways);
- ``robot``: pitch flattened to its median by the WORLD vocoder (Morise 2016, https://doi.org/10.1587/transinf.2015EDP7457);
- ``silence``: as long as the reading. Sound without any sound is an ``invalid`` take, never a low score: this row
  shows that it is;
- ``wrong_words``: another sentence than the one asked for, spoken by espeak-ng.

Without a human reading, ``robot`` damages espeak-ng's, ``silence`` has the length that speech of 15 characters a
second would have, ``wrong_words`` is as it is, and the others are ``unsupported``. The same input, damage and take
index give the same bytes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _speech as speech
from filmbench.adapters.local.espeak_ng import DEFAULT, ESPEAK, espeak_version, speak
from filmbench.adapters.local.reference import recording
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Refusal, Requirement
from filmbench.harness.types import Artifact, Request

PASSED_HZ = 3500.0
OVERDRIVE_DB = 20.0
CHARACTERS_PER_SECOND = 15.0
SILENCE_RATE = 24_000
WRONG_WORDS = {
    "en": "Nine quiet otters borrowed the red bicycle before the market opened.",
    "es": "Nueve nutrias tranquilas tomaron prestada la bicicleta roja antes de abrir el mercado.",
    "fr": "Neuf loutres tranquilles ont emprunté le vélo rouge avant l'ouverture du marché.",
    "it": "Nove lontre tranquille hanno preso in prestito la bicicletta rossa prima del mercato.",
    "fi": "Yhdeksän hiljaista saukkoa lainasi punaisen polkupyörän ennen torin avaamista.",
    "ru": "Девять тихих выдр одолжили красный велосипед до открытия рынка.",
}


def in_noise(samples: Any, decibels: float, seed: list[int]) -> Any:
    """``samples`` plus noise with their magnitude spectrum and random phases, ``decibels`` below them in power.

    Where the sum would pass full scale, all of it is turned down until it does not.
    """
    import numpy as np

    spectrum = np.abs(np.fft.rfft(samples))
    phases = np.random.default_rng(seed).uniform(0, 2 * np.pi, len(spectrum))
    noise = np.fft.irfft(spectrum * np.exp(1j * phases), len(samples))
    ratio = np.mean(np.square(samples)) / max(np.mean(np.square(noise)), 1e-20)
    mixed = samples + noise * np.sqrt(ratio / 10 ** (decibels / 10))
    return mixed / max(1.0, float(np.abs(mixed).max()))


def clipped(samples: Any) -> Any:
    """``samples`` with their peak at 20 dB above full scale, cut to full scale."""
    import numpy as np

    peak = max(float(np.abs(samples).max()), 1e-9)
    return np.clip(samples / peak * 10 ** (OVERDRIVE_DB / 20), -1.0, 1.0)


def low_passed(samples: Any, rate: int) -> Any:
    """``samples`` below 3.5 kHz. Raises :class:`Refusal` where the rate holds nothing above it."""
    from scipy.signal import butter, sosfiltfilt

    if rate <= 2 * PASSED_HZ:
        raise Refusal(f"sound at {rate} Hz holds nothing above {PASSED_HZ:g} Hz to take away")
    return sosfiltfilt(butter(8, PASSED_HZ, "low", fs=rate, output="sos"), samples)


def robotic(samples: Any, rate: int) -> Any:
    """``samples`` resynthesised with every voiced frame at the median pitch."""
    import numpy as np

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it says that it reads its version in an old way
        import pyworld

    double = np.ascontiguousarray(samples, dtype=np.float64)
    coarse, times = pyworld.dio(double, rate)
    pitch = pyworld.stonemask(double, coarse, times, rate)
    envelope = pyworld.cheaptrick(double, pitch, times, rate)
    breath = pyworld.d4c(double, pitch, times, rate)
    voiced = pitch > 0
    flat = np.where(voiced, np.median(pitch[voiced]) if voiced.any() else 0.0, 0.0)
    return pyworld.synthesize(flat, envelope, breath, rate)[: len(samples)]


Damage = Callable[[Any, int, list[int]], Any]
OF_READINGS: Mapping[str, Damage] = {
    "noise_20": lambda samples, rate, seed: in_noise(samples, 20.0, seed),
    "noise_10": lambda samples, rate, seed: in_noise(samples, 10.0, seed),
    "noise_0": lambda samples, rate, seed: in_noise(samples, 0.0, seed),
    "clipping": lambda samples, rate, seed: clipped(samples),
    "low_pass": lambda samples, rate, seed: low_passed(samples, rate),
    "robot": lambda samples, rate, seed: robotic(samples, rate),
}


class Floor(LocalEngine):
    """One kind of damage an arm; see the module's text for each."""

    spec = ProviderSpec(
        id="local/floor",
        contracts=("tts",),
        title="Damaged speech",
        revision="1",
        licence="the dataset's; GPL-3.0-or-later (espeak-ng, a program)",
        params={
            "damage": Param("str", "what is wrong", default="robot", choices=(*OF_READINGS, "silence", "wrong_words")),
        },
        requires=(Requirement("python", "pyworld", "pip install pyworld"), ESPEAK),
        role="floor",
        local=True,
        verified="live",
        max_characters=speech.MAX_CHARACTERS,
    )

    def identity(self) -> Mapping[str, str]:
        """Versions of what does the damage."""
        used = (*(speech.package_version(name) for name in ("numpy", "scipy", "pyworld")), espeak_version())
        return {"engine": ", ".join(used)}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """The damaged line, at the rate of what was damaged."""
        text, damage = speech.line(request, self.spec), str(request.arm.params["damage"])
        reading = recording(request.sample)
        if damage == "wrong_words":
            return speech.recorded(_spoken(_wrong_words(request), request, folder))
        if damage == "silence":
            return _silence(text, reading, media, folder)
        if reading is None and damage != "robot":
            raise Refusal("no human reference to damage")
        if reading is None:
            samples, rate = _read(_spoken(text, request, folder))
            seed = [request.take]
        else:
            samples, rate = _read(media.path(reading))
            seed = [int(reading.sha256[:16], 16), request.take]
        return speech.written(OF_READINGS[damage](samples, rate, seed), rate, folder)


def _wrong_words(request: Request) -> str:
    try:
        return WRONG_WORDS[str(request.sample.language)]
    except KeyError:
        raise Refusal(f"no wrong words for {request.sample.language}") from None


def _spoken(text: str, request: Request, folder: Path) -> Path:
    voice = DEFAULT.get(str(request.sample.language))
    if voice is None:
        raise Refusal(f"no human reference, and espeak-ng is not asked to speak {request.sample.language}")
    return speak(text, voice, folder)


def _silence(text: str, reading: Artifact | None, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
    import numpy as np

    if reading is None:
        return speech.written(np.zeros(round(len(text) / CHARACTERS_PER_SECOND * SILENCE_RATE)), SILENCE_RATE, folder)
    samples, rate = _read(media.path(reading))
    return speech.written(np.zeros(len(samples)), rate, folder)


def _read(path: Path) -> tuple[Any, int]:
    """Mono samples, float64, and their rate in Hz."""
    from filmbench.harness.media.decode import decode

    decoded = decode(path)
    return decoded.samples.mean(axis=1, dtype="float64"), decoded.rate


PROVIDERS = (Floor(),)
