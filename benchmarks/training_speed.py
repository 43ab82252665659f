"""Training and encoding against bare PyTorch loops over preloaded tensors.

Same network, same first weights, same optimiser and schedule, same batches.
Run: SKLATENT_DATA=folder python benchmarks/training_speed.py
"""

import argparse
import copy

import numpy as np
import torch
from _common import fashion_mnist, interleaved, print_table
from torch.nn import functional

from sklatent import ConvAutoencoder


def bare_training(module, images, batch_size, learning_rate, order):
    """One epoch, as a person would write it."""
    module.train()
    n_batches = -(-len(images) // batch_size)
    optimizer = torch.optim.Adam(module.parameters(), lr=learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, n_batches)
    for rows in np.array_split(order, n_batches):
        batch = images[torch.from_numpy(rows)]
        optimizer.zero_grad()
        raw = module.decoder(module.encoder(batch))
        loss = functional.binary_cross_entropy_with_logits(raw, batch)
        loss.backward()
        optimizer.step()
        schedule.step()
        loss.item()


@torch.inference_mode()
def bare_encoding(module, images, batch_size):
    """Encode all images."""
    module.eval()
    return torch.cat([module.encoder(part) for part in images.split(batch_size)]).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=12_800)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=7)
    args = parser.parse_args()

    images = fashion_mnist("train")[: args.images]
    tensor = torch.from_numpy(images.astype(np.float32) / 255.0)[:, None]
    settings = {"batch_size": args.batch_size, "max_epochs": 1, "random_state": 0, "device": "cpu"}
    settings["early_stopping"] = False
    rate = 3e-3
    ours = ConvAutoencoder(16, learning_rate=rate, **settings).fit(images)
    plain = copy.deepcopy(ours.net_.module_).to(memory_format=torch.contiguous_format)
    order = np.random.RandomState(0).permutation(len(images))

    def train_bare(module):
        bare_training(copy.deepcopy(module), tensor, args.batch_size, rate, order)

    fitted = ours.net_.module_
    training = interleaved(
        {
            "sklatent": lambda: ConvAutoencoder(16, learning_rate=rate, **settings).fit(images),
            "bare loop": lambda: train_bare(plain),
            "bare loop, channels last": lambda: train_bare(fitted),
        },
        args.repeats,
    )
    encoding = interleaved(
        {
            "sklatent": lambda: ours.transform(images),
            "bare loop": lambda: bare_encoding(plain, tensor, args.batch_size),
            "bare loop, channels last": lambda: bare_encoding(fitted, tensor, args.batch_size),
        },
        5 * args.repeats,
    )
    for title, seconds, repeats in (
        ("Training, one epoch", training, args.repeats),
        ("Encoding", encoding, 5 * args.repeats),
    ):
        rows = [
            [name, f"{args.images / s:,.0f}", f"{s:.2f}", f"{seconds['sklatent'] / s:.3f}"]
            for name, s in seconds.items()
        ]
        print_table(
            f"{title}: {args.images:,} Fashion-MNIST images, batch {args.batch_size}, "
            f"median of {repeats}",
            ["", "images/s", "s", "sklatent / this"],
            rows,
        )


if __name__ == "__main__":
    main()
