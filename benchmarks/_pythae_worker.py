"""Train a pythae autoencoder for a stated time, in the environment that has pythae.

Called by time_to_quality.py; prints the test error after each epoch as JSON.
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
from pythae.models.nn.benchmarks import celeba, mnist
from pythae.pipelines import TrainingPipeline
from pythae.trainers import BaseTrainerConfig
from pythae.trainers.training_callbacks import TrainingCallback


class TimeIsUp(Exception):
    """Ends training."""


class Clock(TrainingCallback):
    """Notes the test error at each epoch's end, off the clock, and ends training in time."""

    def __init__(self, test, seconds):
        self.test = test
        self.seconds = seconds
        self.curve = []
        self.pause = 0.0

    def on_train_begin(self, training_config, **kwargs):
        self.start = time.perf_counter()

    def on_train_step_end(self, training_config, **kwargs):
        if time.perf_counter() - self.start - self.pause > self.seconds:
            self.note(kwargs["model"])
            raise TimeIsUp

    def on_epoch_end(self, training_config, **kwargs):
        self.note(kwargs["model"])

    def note(self, model):
        now = time.perf_counter()
        model.eval()
        total = 0.0
        with torch.inference_mode():
            for part in self.test.split(250):
                latent = model.encoder(part).embedding
                decoded = model.decoder(latent).reconstruction.reshape(part.shape)
                total += float((decoded - part).square().sum())
        model.train()
        self.curve.append((now - self.start - self.pause, total / self.test.numel()))
        self.pause += time.perf_counter() - now


def main():
    path, network, latent_dim, seconds, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    with np.load(path) as data:
        train, test = (
            np.ascontiguousarray(data[name].transpose(0, 3, 1, 2)).astype(np.float32) / 255
            for name in ("train", "test")
        )
    config = AEConfig(input_dim=train.shape[1:], latent_dim=int(latent_dim))
    parts = {}
    if network == "convolutional":
        kinds = (mnist.Encoder_Conv_AE_MNIST, mnist.Decoder_Conv_AE_MNIST)
        if train.shape[2:] == (64, 64):
            kinds = (celeba.Encoder_Conv_AE_CELEBA, celeba.Decoder_Conv_AE_CELEBA)
        parts = dict(zip(("encoder", "decoder"), (kind(config) for kind in kinds), strict=True))
    model = AE(config, **parts)
    clock = Clock(torch.from_numpy(test), float(seconds))
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        training = BaseTrainerConfig(
            output_dir=folder,
            num_epochs=10_000,
            learning_rate=1e-3,
            per_device_train_batch_size=128,
        )
        with contextlib.suppress(TimeIsUp):
            TrainingPipeline(training_config=training, model=model)(train, callbacks=[clock])
    print(json.dumps(clock.curve))


if __name__ == "__main__":
    logging.disable(logging.INFO)
    main()
