"""One pass of the light frame metrics over a film against itself, in a process of its own.

``python frames_run.py FILM`` prints the greatest resident size in MB.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.engine_run import peak_mb
from benchmarks.test_frames import LIGHT, clip, measured

if __name__ == "__main__":
    cv2.setNumThreads(1)
    film = Path(sys.argv[1])
    assert measured(LIGHT, (clip(film), clip(film)))["t.psnr"] == 100
    print(json.dumps({"rss_mb": peak_mb()}))
