"""
PyTorch's training step of a texture, as the article's PyTorch notebook has it, but for the loss, which needs no network: depthwise
convolution on a torus, 1x1 convolutions, sliced optimal transport on a pyramid, gradients normalised, Adam. Eager float32, but for
the flags of torch_device.py.

    python torch_texture.py FOLDER THREADS [--automaton] [--device cuda] [--compile] [--graph] [--tf32]

With --automaton, only the rollout and its backward pass, from the cotangents of the last states in cotangents.npy, (B, H, W, C).
Only that can be a CUDA graph.
"""

import json
import sys
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

from exchange import KERNELS, serve
from texture_loss import TextureLoss
from torch_device import How

LAPLACIAN = np.array([[1, 2, 1], [2, -12, 2], [1, 2, 1]], np.float32) / 16


def rollout(workload, how):
    """The parameters, and a function that makes the last states of them, (B, C, H, W)."""
    parameters = {name: how.tensor(values).requires_grad_() for name, values in workload.parameters.items()}
    start = how.tensor(workload.states).permute(0, 3, 1, 2).contiguous()
    channels = start.shape[1]
    kernels = how.tensor(np.concatenate([KERNELS, LAPLACIAN[None]]))[:, None].repeat(channels, 1, 1, 1)

    def pixelwise(x, name):
        return F.conv2d(x, parameters[f"{name}.weight"].T[:, :, None, None], parameters.get(f"{name}.bias"))

    def step(x):
        perception = F.conv2d(F.pad(x, (1, 1, 1, 1), "circular"), kernels, groups=channels)
        delta = pixelwise(F.relu(pixelwise(perception, "update.0")), "update.1")
        return x + delta * (torch.rand(x.shape[0], 1, *x.shape[2:], device=x.device) <= workload.fire_rate).float()

    advance = how.advance(step)

    def forward():
        x = start
        for _ in range(workload.steps):
            x = advance(x)
        return x

    return parameters, forward


def setup(workload, how):
    texture = json.loads((workload.folder / "texture.json").read_text())
    parameters, roll = rollout(workload, how)
    target = how.tensor(workload.target).permute(2, 0, 1)[None, :3].contiguous()
    loss_of = TextureLoss(target, workload.states.shape[1:3], **texture["settings"])

    def forward(*draw):
        x = roll()
        overflow = (x - x.clamp(-1, 1)).abs().mean()
        return x, loss_of(x[:, :3], *draw).mean(), overflow

    return texture, parameters, forward


def make_step(workload, how):
    _, parameters, forward = setup(workload, how)
    optimizer = how.adam(parameters.values())

    def step():
        optimizer.zero_grad()
        _, loss, overflow = forward()
        (loss + overflow).backward()
        for parameter in parameters.values():
            parameter.grad /= parameter.grad.norm() + 1e-8
        optimizer.step()
        return loss.item()

    return step


def gradient(workload, how):
    texture, parameters, forward = setup(workload, how)
    final, loss, _ = forward(texture["seed"], texture["step"])
    loss.backward()
    return outcome(final, parameters)


def outcome(final, parameters):
    arrays = {"final": final.detach().permute(0, 2, 3, 1)}
    arrays |= {f"grad.{name}": parameter.grad for name, parameter in parameters.items()}
    return {name: values.cpu().numpy() for name, values in arrays.items()}


def pulled(workload, how):
    """The parameters, and a function that rolls out and pulls the given cotangents back."""
    parameters, forward = rollout(workload, how)
    cotangents = how.tensor(np.load(workload.folder / "cotangents.npy")).permute(0, 3, 1, 2).contiguous()

    def work():
        for parameter in parameters.values():
            parameter.grad = None
        final = forward()
        final.backward(cotangents)
        return final.detach()

    return parameters, how.work(work)


def make_pull(workload, how):
    _, work = pulled(workload, how)
    return lambda: float(work()[0, 0, 0, 0])


def pulled_gradient(workload, how):
    parameters, work = pulled(workload, how)
    return outcome(work(), parameters)


if __name__ == "__main__":
    folder, threads, *flags = sys.argv[1:]
    how = How(flags, int(threads))
    tasks = (make_pull, pulled_gradient) if "--automaton" in flags else (make_step, gradient)
    words = how.words()
    name = f"PyTorch {torch.__version__}" + (f" ({words.removeprefix(', ')})" if words else "")
    serve(name, folder, *(partial(task, how=how) for task in tasks), how.synchronize)
