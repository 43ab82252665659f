"""Posteriors of variational models: closed forms, draws, and what has collapsed."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from torch import nn

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent._autoencoder.posterior import Posterior, report_posterior
from sklatent._networks.losses import kl_divergence


class FixedEncoder(nn.Module):
    """Gives the first pixels as means of three components, and fixed log-variances.

    The third mean is always 0.
    """

    LOG_VARIANCES = (-2.0, 0.5, 0.0)

    def __init__(self):
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, images):
        means = images.flatten(1)[:, 10:13] * torch.tensor([1.0, 1.0, 0.0])
        log_variances = torch.tensor(self.LOG_VARIANCES).expand_as(means)
        return torch.cat([means, log_variances], dim=1) + 0 * self.unused


@pytest.fixture(scope="module")
def known(small, digits):
    return small(3, encoder=FixedEncoder(), kl_weight=1.0, max_epochs=1).fit(digits)


@pytest.fixture(scope="module")
def variational(small, digits):
    recipe = {"batch_size": 16, "learning_rate": 0.01, "max_epochs": 6}
    return small(4, channels=(16, 32), kl_weight=0.1, **recipe).fit(digits)


def test_posterior_is_what_the_encoder_gives(known, digits):
    posterior = known.posterior(digits)
    mean, variance = posterior
    pixels = digits.reshape(300, -1)[:, 10:13] / 16 * [1, 1, 0]
    np.testing.assert_allclose(mean, pixels, atol=1e-6)
    np.testing.assert_allclose(variance, np.tile(np.exp([-2.0, 0.5, 0.0]), (300, 1)), rtol=1e-6)
    assert mean.dtype == variance.dtype == np.float32
    np.testing.assert_array_equal(mean, known.transform(digits))
    assert posterior.mean is mean
    assert posterior.variance is variance


def test_report_of_a_known_encoder(known, digits):
    report = known.posterior_report(digits)
    pixels = digits.reshape(300, -1)[:, 10:13] / 16 * [1, 1, 0]
    np.testing.assert_allclose(report.mean_variance, pixels.var(axis=0, ddof=1), atol=1e-7)
    log_variances = np.array(FixedEncoder.LOG_VARIANCES)
    expected = 0.5 * (np.square(pixels) + np.exp(log_variances) - 1 - log_variances).mean(axis=0)
    np.testing.assert_allclose(report.kl, expected, atol=1e-6)
    assert report.active.tolist() == [True, True, False]
    assert (report.threshold, report.n_samples) == (0.01, 300)
    strict = known.posterior_report(digits, threshold=pixels[:, 0].var(ddof=1) + 1e-6)
    assert not strict.active[0]


def test_components_sum_to_the_divergence_of_the_loss(rng):
    mean, log_variance = rng.normal(size=(2, 50, 4)).astype(np.float32)
    expected = kl_divergence(torch.from_numpy(mean), torch.from_numpy(log_variance)).mean()
    total = report_posterior(mean, log_variance).kl.sum()
    assert total == pytest.approx(float(expected), rel=1e-5)
    prior = report_posterior(np.zeros((5, 3)), np.zeros((5, 3)))
    assert prior.kl.tolist() == [0, 0, 0]
    assert not prior.active.any()


def test_draws_have_the_moments_of_the_posterior():
    n = 40_000
    posterior = Posterior(np.tile([1.0, -2.0], (n, 1)), np.tile([0.25, 4.0], (n, 1)))
    points = posterior.sample(random_state=0)
    # Five standard errors of means and of variances.
    np.testing.assert_allclose(points.mean(axis=0), [1, -2], atol=5 * 2 / np.sqrt(n))
    np.testing.assert_allclose(points.var(axis=0), [0.25, 4], rtol=5 * np.sqrt(2 / n))
    assert abs(np.corrcoef(points.T)[0, 1]) < 5 / np.sqrt(n)


def test_draws_are_seeded(variational, digits):
    posterior = variational.posterior(digits)
    first = posterior.sample(random_state=3)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(posterior.sample(random_state=3), first)
    assert not np.array_equal(posterior.sample(random_state=4), first)
    assert not np.array_equal(posterior.sample(), posterior.sample())
    with pytest.raises(ValueError, match="random_state must be"):
        posterior.sample(random_state="zero")


def test_draws_are_wider_than_means(variational, digits):
    posterior = variational.posterior(digits)
    total = posterior.mean.var(axis=0) + posterior.variance.mean(axis=0)
    draws = np.concatenate([posterior.sample(random_state=seed) for seed in range(30)])
    np.testing.assert_allclose(draws.var(axis=0), total, rtol=0.1)
    assert np.all(total > posterior.mean.var(axis=0))


def test_a_density_of_draws_behind_a_variational_model(variational, digits):
    pipeline = make_latent_pipeline(variational, LatentGaussianModel())
    points = variational.posterior(digits).sample(random_state=0)
    pipeline.fit_density(latent=points)
    np.testing.assert_allclose(pipeline[-1].mean_, points.mean(axis=0), atol=1e-6)
    assert pipeline.sample(5, random_state=0).shape == (5, 8, 8)


def test_everything_collapses_under_a_large_weight(small, digits, capfd):
    recipe = {"batch_size": 16, "learning_rate": 0.01, "max_epochs": 8}
    collapsed = small(kl_weight=100.0, verbose=1, **recipe).fit(digits)
    out = capfd.readouterr().out
    report = collapsed.posterior_report(digits)
    assert not report.active.any()
    assert report.kl.sum() < 0.1
    assert out == f"{report.summary}\n"
    assert out.startswith("4 of 4 latent components collapsed (variance of the posterior mean")
    np.testing.assert_allclose(collapsed.posterior(digits).variance, 1, atol=0.1)


def test_nothing_is_said_of_active_components(variational, digits, capfd):
    assert variational.posterior_report(digits).active.all()
    clone(variational).set_params(verbose=1).fit(digits)
    assert capfd.readouterr().out == ""


def test_reports_are_tables(known, digits):
    lines = repr(known.posterior_report(digits)).splitlines()
    assert lines[0].startswith("1 of 3 latent components collapsed")
    assert lines[1].split() == ["component", "KL,", "nats", "variance", "of", "mean", "active"]
    assert [line.split()[-1] for line in lines[2:]] == ["yes", "yes", "no"]
    many = repr(report_posterior(np.eye(30), np.zeros((30, 30))))
    assert many.splitlines()[-1] == "... and 10 more"


@pytest.mark.parametrize("method", ["posterior", "posterior_report"])
def test_models_without_a_posterior_say_so(small, fitted, digits, method):
    with pytest.raises(ValueError, match=f"{method} needs a variational model: kl_weight"):
        getattr(fitted, method)(digits)
    with pytest.raises(NotFittedError):
        getattr(small(kl_weight=1.0), method)(digits)


@pytest.mark.parametrize("method", ["posterior", "posterior_report"])
def test_bad_images(variational, digits, method):
    with pytest.raises(ValueError, match="X must have the layout and image size seen in fit"):
        getattr(variational, method)(digits[:, :7])


def test_bad_reports(variational, digits):
    with pytest.raises(ValueError, match="threshold must be a number of at least 0"):
        variational.posterior_report(digits, threshold=-1)
    with pytest.raises(TypeError, match="threshold must be a number"):
        variational.posterior_report(digits, threshold="low")
    with pytest.raises(ValueError, match="X must hold at least 2 images; got 1"):
        variational.posterior_report(digits[:1])
