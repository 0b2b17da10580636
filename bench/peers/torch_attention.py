"""
PyTorch's training step of cells that attend to their 3x3 neighbourhood and complete pictures: keys of every cell once, unfolded,
softmax over nine places, two 1x1 convolutions, half of the cells in a step, all of which live. Eager float32.

    python torch_attention.py FOLDER THREADS
"""

import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

from exchange import serve


def setup(workload):
    parameters = {name: torch.from_numpy(array).requires_grad_() for name, array in workload.parameters.items()}
    picture = json.loads((workload.folder / "picture.json").read_text())  # {"offset": ..., "pinned": ...}
    target = torch.from_numpy(np.load(workload.folder / "pictures.npy"))  # (B, H, W)
    start = torch.from_numpy(workload.states).permute(0, 3, 1, 2).contiguous()
    batch, channels, rows, columns = start.shape
    _, heads, size = parameters["perceive.query"].shape
    free = torch.ones(1, channels, 1, 1)
    free[:, : picture["pinned"]] = 0

    def around(x):  # (B, C, H, W) to (B, C, 9, HW)
        return F.unfold(x, 3, padding=1).view(batch, x.shape[1], 9, -1)

    def project(x, name):  # (B, C, H, W) to (B, heads * size, H, W)
        return F.conv2d(x, parameters[f"perceive.{name}"].flatten(1).T[:, :, None, None])

    def attend(x):  # (B, C, H, W) to (B, C * (1 + heads), H, W)
        query = project(x, "query").view(batch, heads, size, 1, -1)
        key = around(project(x, "key")).view(batch, heads, size, 9, -1)
        score = (query * key).sum(2) / size**0.5 + parameters["perceive.place"][:, :, None]
        weight = score.softmax(2)  # (B, heads, 9, HW)
        means = (weight[:, None] * around(x)[:, :, None]).sum(3)
        return torch.cat([x.view(batch, channels, 1, -1), means], 2).view(batch, -1, rows, columns)

    def layer(x, n):
        return F.conv2d(x, parameters[f"update.{n}.weight"].T[:, :, None, None], parameters[f"update.{n}.bias"])

    def advance(x):
        delta = layer(F.relu(layer(attend(x), 0)), 1)
        fired = (torch.rand(batch, 1, rows, columns) <= workload.fire_rate).float()
        return x + delta * fired * free

    def forward():
        x = start
        for _ in range(workload.steps):
            x = advance(x)
        return x, F.mse_loss(x[:, picture["offset"]], target)

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
