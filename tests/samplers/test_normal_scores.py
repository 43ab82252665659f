"""Maps of single components to normal scores, and back."""

import numpy as np
import pytest

from sklatent.samplers._normal_scores import fit_empirical, fit_smoothed


@pytest.mark.parametrize("fit", [fit_empirical, fit_smoothed])
@pytest.mark.parametrize(
    "x",
    [
        np.random.default_rng(0).normal(size=300),
        np.random.default_rng(1).integers(3, size=5000).astype(float),
        np.array([1.0, 2.0]),
        np.append(np.zeros(999), 1.0),
        np.random.default_rng(2).standard_cauchy(2000),
    ],
    ids=["normal", "integers", "two", "spike", "cauchy"],
)
def test_maps_to_normal_scores_are_inverted(fit, x):
    scale = fit(x)
    scores = np.linspace(scale.scores[0], scale.scores[-1], 57)
    assert (np.diff(scale.scores) > 0).all()
    assert (np.diff(scale.inverse(scores)) >= 0).all()
    if fit is fit_smoothed:
        wide = np.append(scores, [-6.0, 6.0])
        np.testing.assert_allclose(scale.forward(scale.inverse(wide)), wide, atol=1e-6)
        at = scale.inverse(np.linspace(-2, 2, 21)) + 1e-7
        slope = (scale.forward(at + 1e-9) - scale.forward(at - 1e-9)) / 2e-9
        smooth = np.abs(at[:, None] - scale.x).min(axis=1) > 1e-8
        np.testing.assert_allclose(
            np.exp(scale.log_slope(at))[smooth], slope[smooth], rtol=1e-3, atol=1e-3
        )
