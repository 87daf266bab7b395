"""A studio for each test: films of arrays, measured in one pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from films import Studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)
