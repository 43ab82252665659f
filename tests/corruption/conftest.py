"""Images to corrupt."""

import numpy as np
import pytest


@pytest.fixture
def colours(rng):
    """Nine coloured images of bytes (9, 8, 8, 3)."""
    return rng.integers(0, 256, (9, 8, 8, 3), dtype=np.uint8)
