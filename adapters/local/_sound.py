"""What the local engines that clean sound share: a recording to work on, and writing what they made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from filmbench.harness.media.clip import AudioClip
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.protocols import Media, Refusal
from filmbench.harness.types import Artifact, Outcome, Request

RATE = 48_000


def cleaned(
    request: Request, media: Media, folder: Path, clean: Callable[[Any], Any], delay: int
) -> Mapping[str, tuple[Path, str]]:
    """The role ``sound`` after ``clean``, channel by channel: FLAC at 48 kHz, as long as it was and in time.

    ``clean`` maps mono float32 samples at 48 kHz to as many, ``delay`` of them late, which is made good here.
    Raises :class:`Refusal` (``INVALID``) for a missing or damaged recording.
    """
    import numpy as np
    import soundfile
    import soxr

    artifact = request.sample.inputs.get("sound")
    if not isinstance(artifact, Artifact):
        raise Refusal("the sample holds no sound", Outcome.INVALID)
    clip = AudioClip(artifact, media.path(artifact))
    try:
        channels, rate = clip.channels(), clip.rate
    except BadMedia as error:
        raise Refusal(f"sound: {error.reason}", Outcome.INVALID) from error
    done = []
    for channel in channels.T:
        wave = channel if rate == RATE else soxr.resample(channel, rate, RATE, quality="HQ")
        late = clean(np.concatenate([wave, np.zeros(delay, np.float32)]).astype(np.float32))
        done.append(np.clip(late[delay : delay + len(wave)], -1.0, 1.0))
    path = folder / "sound.flac"
    soundfile.write(path, np.stack(done, axis=1), RATE, subtype="PCM_24")
    return {"sound": (path, "audio/flac")}
