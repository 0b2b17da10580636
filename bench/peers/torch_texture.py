"""
PyTorch's training step of a texture, as the article's PyTorch notebook has it, but for the loss, which needs no network: depthwise
convolution on a torus, 1x1 convolutions, sliced optimal transport on a pyramid, gradients normalised, Adam. Eager float32.

    python torch_texture.py FOLDER THREADS
"""

import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

from exchange import KERNELS, serve
from texture_loss import TextureLoss

LAPLACIAN = np.array([[1, 2, 1], [2, -12, 2], [1, 2, 1]], np.float32) / 16


def setup(workload):
    texture = json.loads((workload.folder / "texture.json").read_text())
    parameters = {name: torch.from_numpy(values).requires_grad_() for name, values in workload.parameters.items()}
    start = torch.from_numpy(workload.states).permute(0, 3, 1, 2).contiguous()
    channels = start.shape[1]
    kernels = torch.from_numpy(np.concatenate([KERNELS, LAPLACIAN[None]]))[:, None].repeat(channels, 1, 1, 1)
    target = torch.from_numpy(workload.target).permute(2, 0, 1)[None, :3].contiguous()
    loss_of = TextureLoss(target, start.shape[2:], **texture["settings"])

    def pixelwise(x, name):
        return F.conv2d(x, parameters[f"{name}.weight"].T[:, :, None, None], parameters.get(f"{name}.bias"))

    def advance(x):
        perception = F.conv2d(F.pad(x, (1, 1, 1, 1), "circular"), kernels, groups=channels)
        delta = pixelwise(F.relu(pixelwise(perception, "update.0")), "update.1")
        return x + delta * (torch.rand(x.shape[0], 1, *x.shape[2:]) <= workload.fire_rate).float()

    def forward(*draw):
        x = start
        for _ in range(workload.steps):
            x = advance(x)
        overflow = (x - x.clamp(-1, 1)).abs().mean()
        return x, loss_of(x[:, :3], *draw).mean(), overflow

    return texture, parameters, forward


def make_step(workload):
    _, parameters, forward = setup(workload)
    # At a learning rate of 0 every step does the same work on the same parameters.
    optimizer = torch.optim.Adam(parameters.values(), lr=0.0)

    def step():
        optimizer.zero_grad()
        _, loss, overflow = forward()
        (loss + overflow).backward()
        for parameter in parameters.values():
            parameter.grad /= parameter.grad.norm() + 1e-8
        optimizer.step()
        return loss.item()

    return step


def gradient(workload):
    texture, parameters, forward = setup(workload)
    final, loss, _ = forward(texture["seed"], texture["step"])
    loss.backward()
    outcome = {"final": final.detach().permute(0, 2, 3, 1).numpy()}
    return outcome | {f"grad.{name}": parameter.grad.numpy() for name, parameter in parameters.items()}


if __name__ == "__main__":
    folder, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    serve(f"PyTorch {torch.__version__}", folder, make_step, gradient)
