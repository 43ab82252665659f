"""Train a pythae autoencoder for a stated time, in the environment that has pythae.

Called by against_pythae.py; prints one line of JSON.
"""

import contextlib
import io
import json
import logging
import sys
import tempfile
import time

import numpy as np
import torch
from pythae.models import AE, AEConfig
from pythae.models.nn.benchmarks.mnist import Decoder_Conv_AE_MNIST, Encoder_Conv_AE_MNIST
from pythae.pipelines import TrainingPipeline
from pythae.trainers import BaseTrainerConfig
from pythae.trainers.training_callbacks import TrainingCallback


class TimeIsUp(Exception):
    """Ends training."""


class Clock(TrainingCallback):
    """Counts steps and ends training when the time is up."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.steps = 0

    def on_train_begin(self, training_config, **kwargs):
        self.start = time.perf_counter()

    def on_train_step_end(self, training_config, **kwargs):
        self.steps += 1
        self.elapsed = time.perf_counter() - self.start
        if self.elapsed > self.seconds:
            raise TimeIsUp


def main():
    path, network, latent_dim, seconds, batch_size, learning_rate = sys.argv[1:]
    with np.load(path) as data:
        train, test = data["x_train"], data["x_test"]
    train, test = (x.reshape(-1, 1, 28, 28).astype(np.float32) / 255 for x in (train, test))
    config = AEConfig(input_dim=(1, 28, 28), latent_dim=int(latent_dim))
    parts = {}
    if network == "convolutional":
        parts = {"encoder": Encoder_Conv_AE_MNIST(config), "decoder": Decoder_Conv_AE_MNIST(config)}
    model = AE(config, **parts)
    clock = Clock(float(seconds))
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        training = BaseTrainerConfig(
            output_dir=folder,
            num_epochs=10_000,
            learning_rate=float(learning_rate),
            per_device_train_batch_size=int(batch_size),
        )
        with contextlib.suppress(TimeIsUp):
            TrainingPipeline(training_config=training, model=model)(train, callbacks=[clock])
    model.eval()
    images = torch.from_numpy(test)
    with torch.inference_mode():
        start = time.perf_counter()
        latent = model.embed(images)
        embed_seconds = time.perf_counter() - start
        decoded = torch.cat([model.decoder(z)["reconstruction"] for z in latent.split(500)])
    result = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "training_rate": clock.steps * int(batch_size) / clock.elapsed,
        "encoding_rate": len(images) / embed_seconds,
        "test_mse": float((decoded.reshape(images.shape) - images).square().mean()),
        "seconds": clock.elapsed,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    logging.disable(logging.INFO)
    main()
