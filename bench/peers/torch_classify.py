"""
PyTorch's training step of self-classifying digits, as the article's notebook has it (Randazzo et al., Distill 2020): a 3x3
convolution and two 1x1 convolutions, noise, half of the cells in a step, only inked cells live, the squared distance of the last
scores from one-hot. Eager float32.

    python torch_classify.py FOLDER THREADS
"""

import sys

import numpy as np
import torch
import torch.nn.functional as F

from exchange import serve

CLASSES = 10


def setup(workload):
    parameters = {name: torch.from_numpy(array).requires_grad_() for name, array in workload.parameters.items()}
    labels = torch.from_numpy(np.load(workload.folder / "labels.npy")).long()
    sigma = float(np.load(workload.folder / "noise.npy")[0])
    start = torch.from_numpy(workload.states).permute(0, 3, 1, 2).contiguous()
    channels = start.shape[1]
    wanted = F.one_hot(labels, CLASSES).float()[:, :, None, None]
    free = torch.ones(1, channels, 1, 1)
    free[:, 0] = 0
    living = (start[:, :1] > workload.alive_threshold).float()
    kept = torch.where(free > 0, living, 1.0)

    def layer(x, n, size):
        weight = parameters[f"update.{n}.weight"]  # (in, out); feature = channel * size^2 + tap
        weight = weight.T.reshape(weight.shape[1], -1, size, size)
        return F.conv2d(x, weight, parameters[f"update.{n}.bias"], padding=size // 2)

    def advance(x):
        delta = layer(F.relu(layer(F.relu(layer(x, 0, 3)), 1, 1)), 2, 1)
        if sigma > 0:
            delta = delta + sigma * torch.randn_like(delta)
        fired = (torch.rand(x.shape[0], 1, *x.shape[2:]) <= workload.fire_rate).float()
        return (x + delta * fired * free) * kept

    def forward():
        x = start
        for _ in range(workload.steps):
            x = advance(x)
        error = (x[:, -CLASSES:] - wanted) ** 2 * living
        return x, error.sum() / (2 * x.shape[0] * x.shape[2] * x.shape[3])

    return parameters, forward


def make_step(workload):
    parameters, forward = setup(workload)
    # At a learning rate of 0 every step does the same work on the same parameters.
    optimizer = torch.optim.Adam(parameters.values(), lr=0.0)

    def step():
        optimizer.zero_grad()
        _, loss = forward()
        loss.backward()
        for parameter in parameters.values():
            parameter.grad /= parameter.grad.norm() + 1e-8
        optimizer.step()
        return loss.item()

    return step


def gradient(workload):
    parameters, forward = setup(workload)
    final, loss = forward()
    loss.backward()
    outcome = {"final": final.detach().permute(0, 2, 3, 1).numpy()}
    return outcome | {f"grad.{name}": parameter.grad.numpy() for name, parameter in parameters.items()}


if __name__ == "__main__":
    folder, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    serve(f"PyTorch {torch.__version__}", folder, make_step, gradient)
