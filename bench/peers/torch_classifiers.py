"""
Networks that see a whole digit at once, of about as many numbers as the automaton that classifies (22,580): one of dense layers and
one of convolutions. Trained by Adam at 1e-3, batches of 64, on the digits in a folder.

    python torch_classifiers.py FOLDER THREADS EPOCHS

Prints one JSON line: {"networks": [{"name", "numbers", "right", "seconds"}]}, `right` the share of held-out digits.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

CLASSES = 10
BATCH = 64


def dense(side):
    width = 28
    return nn.Sequential(nn.Flatten(), nn.Linear(side * side, width), nn.ReLU(), nn.Linear(width, CLASSES))


def convolutions(side):
    def layer(inputs, outputs):
        return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), nn.ReLU())

    left = (((side + 1) // 2 + 1) // 2 + 1) // 2
    return nn.Sequential(
        layer(1, 16), layer(16, 32), layer(32, 40), nn.Flatten(), nn.Linear(40 * left * left, CLASSES)
    )


def load(folder, name):
    pictures = torch.from_numpy(np.load(folder / f"{name}.npy")).float().div_(255)[:, None]
    return pictures, torch.from_numpy(np.load(folder / f"{name}Labels.npy")).long()


def train(network, pictures, labels, epochs):
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    for _ in range(epochs):
        for batch in torch.randperm(len(pictures)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(pictures[batch]), labels[batch]).backward()
            optimizer.step()


def main():
    folder, threads, epochs = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    pictures, labels = load(folder, "train")
    held, answers = load(folder, "test")
    networks = []
    for name, make in [("dense layers", dense), ("convolutions", convolutions)]:
        torch.manual_seed(0)
        network = make(pictures.shape[-1])
        began = time.perf_counter()
        train(network, pictures, labels, epochs)
        seconds = time.perf_counter() - began
        with torch.no_grad():
            right = (network(held).argmax(1) == answers).float().mean().item()
        numbers = sum(parameter.numel() for parameter in network.parameters())
        networks.append({"name": name, "numbers": numbers, "right": right, "seconds": seconds})
    print(json.dumps({"networks": networks}))


main()
