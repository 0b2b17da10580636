"""
PyTorch's training step: an ordinary implementation of Growing NCA in eager float32, as in the article's notebook and
its PyTorch ports. Its network is two 1x1 convolutions, or with --linear two linear layers on channel-last perceptions;
both forms are common. The other flags are those of torch_device.py.

    python torch_step.py FOLDER THREADS [--linear] [--compile] [--device cuda] [--graph] [--tf32]
"""

import sys
from functools import partial

import torch
import torch.nn.functional as F

from exchange import KERNELS, serve
from torch_device import How


class Automaton(torch.nn.Module):
    """Perception, fire mask and alive masks; subclasses have the network, `update`: (B, 3 C, H, W) -> (B, C, H, W)."""

    def __init__(self, workload):
        super().__init__()
        self.fire_rate = workload.fire_rate
        self.alive_channel = workload.alive_channel
        self.alive_threshold = workload.alive_threshold
        self.channels = workload.states.shape[-1]
        kernels = torch.from_numpy(KERNELS)[:, None].repeat(self.channels, 1, 1, 1)
        self.register_buffer("kernels", kernels)  # (3 C, 1, 3, 3): feature = channel * 3 + kernel

    def alive(self, x):
        alpha = x[:, self.alive_channel : self.alive_channel + 1]
        return F.max_pool2d(alpha, 3, stride=1, padding=1) > self.alive_threshold

    def forward(self, x):  # (B, C, H, W)
        before = self.alive(x)
        delta = self.update(F.conv2d(x, self.kernels, padding=1, groups=self.channels))
        fired = (torch.rand(x.shape[0], 1, *x.shape[2:], device=x.device) <= self.fire_rate).float()
        x = x + delta * fired
        return x * (before & self.alive(x)).float()


class Shared(Automaton):
    """One network for all samples."""

    def __init__(self, workload, linear):
        super().__init__(workload)
        self.linear = linear
        self.hidden, self.output = (self.layer(workload.parameters, n) for n in range(2))

    def layer(self, parameters, n):
        weight = torch.from_numpy(parameters[f"update.{n}.weight"]).T  # (out, in)
        outputs, inputs = weight.shape
        layer = torch.nn.Linear(inputs, outputs) if self.linear else torch.nn.Conv2d(inputs, outputs, 1)
        layer.weight.data.copy_(weight.reshape(layer.weight.shape))
        layer.bias.data.copy_(torch.from_numpy(parameters[f"update.{n}.bias"]))
        return layer

    def update(self, perception):
        if self.linear:
            perception = perception.permute(0, 2, 3, 1)
        delta = self.output(torch.relu(self.hidden(perception)))
        return delta.permute(0, 3, 1, 2) if self.linear else delta


def setup(workload, linear, how):
    automaton = Shared(workload, linear).to(how.device)
    advance = how.advance(automaton)
    start = how.tensor(workload.states).permute(0, 3, 1, 2).contiguous()
    target = how.tensor(workload.target).permute(2, 0, 1)

    def forward():
        x = start
        for _ in range(workload.steps):
            x = advance(x)
        return x, F.mse_loss(x[:, :4], target.expand(x.shape[0], -1, -1, -1))

    return automaton, forward


def make_step(workload, linear, how):
    automaton, forward = setup(workload, linear, how)
    if workload.forward:
        run = how.work(torch.no_grad()(forward))
    else:
        run = how.work(training(automaton, forward, how.adam(automaton.parameters())))
    return lambda: run()[1].item()


def training(automaton, forward, optimizer):
    def step():
        optimizer.zero_grad()
        final, loss = forward()
        loss.backward()
        for parameter in automaton.parameters():
            parameter.grad /= parameter.grad.norm() + 1e-8
        optimizer.step()
        return final.detach(), loss.detach()

    return step


def gradient(workload, linear, how):
    automaton, forward = setup(workload, linear, how)

    def pulled():
        automaton.zero_grad()
        final, loss = forward()
        loss.backward()
        return final.detach(), loss.detach()

    final, _ = how.work(pulled)()
    outcome = {"final": final.permute(0, 2, 3, 1)}
    for n, layer in enumerate([automaton.hidden, automaton.output]):
        outcome[f"grad.update.{n}.weight"] = layer.weight.grad.flatten(1).T
        outcome[f"grad.update.{n}.bias"] = layer.bias.grad
    return {name: values.cpu().numpy() for name, values in outcome.items()}


if __name__ == "__main__":
    folder, threads, *flags = sys.argv[1:]
    linear = "--linear" in flags
    how = How(flags, int(threads))
    form = ["convolutions", "linear layers"][linear] + how.words()
    options = {"linear": linear, "how": how}
    name = f"PyTorch {torch.__version__} ({form})"
    serve(name, folder, partial(make_step, **options), partial(gradient, **options), how.synchronize)
