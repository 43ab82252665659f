"""Draw latent points with pythae's samplers, in the environment that has pythae.

Called by sample_quality.py with a .npz of latent points, a file to write to, the number of points
to draw, and a number of threads. The model changes nothing but a shift, so that the
samplers see and give latent points. Prints the seconds of fitting and of sampling as JSON.
"""

import contextlib
import io
import json
import logging
import sys
import time

import numpy as np
import torch
from pythae.models import AE, AEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.samplers import (
    GaussianMixtureSampler,
    GaussianMixtureSamplerConfig,
    NormalSampler,
)


class Shifted(BaseEncoder):
    """Latent points are shifted latent points: its mixture refuses data with negative values."""

    def __init__(self, shift):
        super().__init__()
        self.shift = shift

    def forward(self, x):
        return ModelOutput(embedding=x + self.shift)


class Same(BaseDecoder):
    """Reconstructions are latent points."""

    def forward(self, z):
        return ModelOutput(reconstruction=z)


def main():
    source, target, n_samples, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    points = torch.from_numpy(np.load(source)["points"].astype(np.float32))
    dim = points.shape[1]
    low = points.amin(dim=0)
    model = AE(AEConfig(input_dim=(dim,), latent_dim=dim), Shifted(low), Same())
    mixture = GaussianMixtureSampler(model, GaussianMixtureSamplerConfig(n_components=10))
    samplers = {"normal": NormalSampler(model), "mixture": mixture}
    drawn, seconds = {}, {}
    for name, sampler in samplers.items():
        start = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            if name == "mixture":
                np.random.seed(0)  # noqa: NPY002 - what its mixture draws from
                sampler.fit(train_data=points - low)
            fitted = time.perf_counter()
            points_drawn = sampler.sample(num_samples=int(n_samples), batch_size=1_000)
        # The mixture's come sorted by its components.
        drawn[name] = np.random.default_rng(0).permutation(points_drawn.numpy())
        seconds[name] = (fitted - start, time.perf_counter() - fitted)
    np.savez(target, **drawn)
    print(json.dumps(seconds))


if __name__ == "__main__":
    logging.disable(logging.INFO)
    main()
