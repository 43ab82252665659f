"""Separate clouds are found in some view, and bent ones are one."""

import numpy as np
import pytest
from sklearn.datasets import make_s_curve

from sklatent import LatentGaussianModel
from sklatent._normality.clouds import find_clouds
from sklatent._normality.frame import Settings, measure_columns, own_frame

N = 700


def report(Z, **options):
    return LatentGaussianModel().fit(Z).normality_report(Z, **({"random_state": 0} | options))


def answers(found):
    return {verdict.question: verdict.answer for verdict in found.verdicts}


def s_curve(rng):
    return make_s_curve(N, noise=0.05, random_state=int(rng.integers(2**31)))[0]


def ring(rng, d=2):
    angle = rng.uniform(0, 2 * np.pi, N)
    circle = 1.4 * np.c_[np.cos(angle), np.sin(angle)] + 0.1 * rng.normal(size=(N, 2))
    return np.hstack([circle, rng.normal(size=(N, d - 2))])


def clouds(points, max_points=5_000):
    frame = own_frame(points)
    valleys = [measure_columns(frame, principal).valleys for principal in (False, True)]
    return find_clouds(frame, *valleys, Settings(0.01, max_points, np.random.RandomState(0)))


def test_one_component_is_judged_by_its_valley(rng):
    x = rng.normal(size=(1_000, 1))
    assert clouds(x).peaks.n_peaks == 1
    found = clouds(x + 9 * (x > 0.5))
    assert (found.peaks.n_peaks, found.view) == (2, "varying component 0, alone")
    assert found.n_samples == 1_000
    np.testing.assert_allclose(found.peaks.shares, [(x <= 0.5).mean(), (x > 0.5).mean()], atol=0.06)


def test_views_take_no_more_points_than_they_may(rng):
    points = rng.normal(size=(1_000, 3)) + 9 * rng.choice([0, 1], (1_000, 1))
    found = clouds(points, max_points=300)
    assert found.peaks.n_peaks == 2
    assert found.n_samples <= 300
    assert found.component_valleys.shape == found.component_pvalues.shape == (3,)


@pytest.mark.parametrize("seed", [52, 53])
def test_clouds_along_a_slanted_line_are_found(seed):
    rng = np.random.default_rng(seed)
    way = rng.normal(size=10)
    Z = rng.normal(size=(3_000, 10))
    Z[:1500] += 5 * way / np.linalg.norm(way)
    found = report(Z, random_state=3)
    assert answers(found)["one cloud?"] == "no"
    assert found.name.startswith("two or more clouds (2 found)")
    np.testing.assert_allclose(found.clouds.peaks.shares, 0.5, atol=0.1)


@pytest.mark.parametrize("draw", [ring, s_curve])
def test_turned_curves_among_noise_are_one_cloud(draw):
    for seed in (60, 61):
        rng = np.random.default_rng(seed)
        points = draw(rng)
        Z = np.hstack([points, rng.normal(size=(N, 7)) * points.std()])
        turn = np.linalg.qr(rng.normal(size=Z.shape[1:] * 2))[0]
        assert answers(report(Z @ turn))["one cloud?"] == "yes"
