"""Every measure that clips and backgrounds are promised is a column: ready, or with the next step that brings it."""

from __future__ import annotations

import pytest
from filmbench.harness import doctor, registry

VIDEO = ("temporal_flickering", "motion_smoothness_dis", "dynamic_degree_dis", "subject_consistency_alexnet")
VIDEO += ("background_consistency_alexnet", "brisque", "length_error", "rate_error", "size_error", "clip_score")
BACKGROUND = ("size_error", "fine_detail", "colourfulness", "palette_distance", "layer_separability", "brisque")
BACKGROUND += ("clip_score", "fid", "kid")
BROUGHT = {
    "clip_score": "filmbench models add clip-vit-base-patch16",
    "fid": "filmbench models add inception-fid",
    "kid": "filmbench models add inception-fid",
}


@pytest.mark.parametrize(("stage", "names"), [("video", VIDEO), ("background", BACKGROUND)])
def test_promised_columns_are_ready_or_say_what_brings_them(stage, names, monkeypatch, tmp_path):
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path))
    monkeypatch.delenv("FILMBENCH_WEIGHTS", raising=False)
    for name in names:
        spec = registry.metric_spec(f"{stage}.{name}")
        said = doctor.availability(doctor.metric_requires(spec))
        assert spec.core and stage in spec.contracts
        assert BROUGHT[name] in said if name in BROUGHT else said == "ready", f"{spec.id}: {said}"
