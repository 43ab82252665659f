"""Normal numbers between bounds."""

import numpy as np
import pytest
from scipy import stats

from sklatent.samplers._interval import draw_truncated

N = 20_000


@pytest.mark.parametrize(("low", "high"), [(-1.0, 2.0), (3.0, 4.0), (-30.0, -29.5), (9.0, np.inf)])
def test_truncated_normals_match_scipy(rng, low, high):
    drawn = draw_truncated(low, high, (N,), rng)
    assert drawn.min() >= low
    assert drawn.max() <= high
    assert stats.kstest(drawn, stats.truncnorm(low, high).cdf).pvalue > 1e-3
