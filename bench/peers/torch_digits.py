"""
PyTorch's training step of an automaton that draws what an encoder tells it, as CAX's notebook 42 has it: a convolutional
encoder, its latent vector beside every cell's perception, the loss of the last states, global clipping, Adam. Eager
float32, 1x1 convolutions.

    python torch_digits.py FOLDER THREADS
"""

import sys

import numpy as np
import torch
import torch.nn.functional as F

from exchange import KERNELS, serve


def setup(workload):
    def array(name):
        return torch.from_numpy(np.load(workload.folder / f"{name}.npy"))

    names = [file.stem for file in sorted(workload.folder.glob("*.npy")) if file.stem.endswith((".weight", ".bias"))]
    parameters = {name: array(name).requires_grad_() for name in names}
    pictures, noise = array("pictures"), array("noise")  # (B, H, W, 1), (B, latent)
    start = torch.from_numpy(workload.states).permute(0, 3, 1, 2).contiguous()
    channels = start.shape[1]
    alive_channel, threshold = workload.alive_channel, workload.alive_threshold
    pinned = torch.zeros(1, channels, 1, 1, dtype=torch.bool)
    pinned[:, workload.pinned] = True
    # Identity, then rows, then columns, as in CAX.
    kernels = torch.from_numpy(KERNELS[[0, 2, 1]])[:, None].repeat(channels, 1, 1, 1)

    def dense(x, name):
        return x @ parameters[f"{name}.weight"] + parameters[f"{name}.bias"]

    def convolve(x, name):
        weight = parameters[f"{name}.weight"].permute(3, 2, 0, 1)
        return F.relu(F.conv2d(F.pad(x, (0, 1, 0, 1)), weight, parameters[f"{name}.bias"], stride=2))

    def encode():
        x = convolve(convolve(pictures.permute(0, 3, 1, 2), "encoder.conv.0"), "encoder.conv.1")
        x = F.relu(dense(x.permute(0, 2, 3, 1).flatten(1), "encoder.linear"))
        mean, log_variance = dense(x, "encoder.mean"), dense(x, "encoder.logVariance")
        return mean + (0.5 * log_variance).exp() * noise

    def pixelwise(x, name):
        return F.conv2d(x, parameters[f"{name}.weight"].T[:, :, None, None], parameters[f"{name}.bias"])

    def alive(x):
        return F.max_pool2d(x[:, alive_channel : alive_channel + 1], 3, stride=1, padding=1) > threshold

    def advance(x, told):
        before = alive(x)
        perception = torch.cat([F.conv2d(x, kernels, padding=1, groups=channels), told], 1)
        delta = pixelwise(F.relu(pixelwise(perception, "update.0")), "update.1")
        fired = (torch.rand(x.shape[0], 1, *x.shape[2:]) <= workload.fire_rate).float()
        moved = x + 2 * delta * fired
        return torch.where(pinned, x, moved * (before & alive(moved)).float())

    def forward():
        told = encode()[:, :, None, None].expand(-1, -1, *start.shape[2:])
        x = start
        for _ in range(workload.steps):
            x = advance(x, told)
        return x, F.mse_loss(x[:, -1:].permute(0, 2, 3, 1), pictures)

    return parameters, forward


def make_step(workload):
    parameters, forward = setup(workload)
    # At a learning rate of 0 every step does the same work on the same parameters.
    optimizer = torch.optim.Adam(parameters.values(), lr=0.0)

    def step():
        optimizer.zero_grad()
        _, loss = forward()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
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
