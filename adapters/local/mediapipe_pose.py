"""MediaPipe Pose: one person's joints from one camera, by a network that knows metres.

Its joints in metres stand around the middle of the hips, so they say nothing of where the body is. With a camera's
intrinsics the place is found by PnP: the shift that brings the joints onto their landmarks in the picture, by least
squares. With the camera's own place the motion is in the world, else in the camera's frame; without a camera it is
``root``, and measures of the world have no value.

``filter = one-euro`` smooths joints, landmarks and place over time (Casiez et al. 2012), run both ways
so that nothing lags.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from filmbench.adapters.local import _pose as pose
from filmbench.harness import models
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec
from filmbench.harness.types import Request


class MediaPipePose(LocalEngine):
    """See the module's text. A film without a person is ``invalid``."""

    spec = ProviderSpec(
        id="local/mediapipe-pose",
        contracts=("mocap",),
        title="MediaPipe Pose",
        revision="1",
        licence="Apache-2.0",
        params={"filter": Param("str", "smoothing over time", default="raw", choices=("raw", "one-euro"))},
        requires=pose.REQUIRES,
        local=True,
        verified="live",
    )

    def __init__(self) -> None:
        self._detector: pose.Detector | None = None

    def identity(self) -> Mapping[str, str]:
        """Versions, and the landmark model's sha256."""
        return {"engine": pose.engine(), "weights": models.entry(pose.WEIGHTS).sha256}

    def load(self) -> None:
        """Check the weights, then import MediaPipe."""
        self._detector = self._detector or pose.Detector()

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Joints and BVH."""
        self.load()
        assert self._detector is not None
        film = pose.given(request, media, "video")
        assert film is not None
        tracks = self._detector.follow(film)
        camera = pose.camera_of(request, media, tracks.size)
        smooth = request.arm.params["filter"] == "one-euro"
        if smooth:
            tracks = tracks.smoothed()
        if camera is None:
            return pose.written(pose.whole(tracks.metres, tracks, "root"), folder)
        shift = pose.place(tracks.metres, tracks.image, camera)
        points = tracks.metres + (pose.one_euro(shift, tracks.fps) if smooth else shift)[:, None]
        if not camera.placed:
            return pose.written(pose.whole(points, tracks, "camera"), folder)
        return pose.written(pose.whole(camera.to_world(points), tracks, "world"), folder)


PROVIDERS = (MediaPipePose(),)
