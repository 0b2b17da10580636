"""
PyTorch's evaluation of a population: a network of its own for each member, as batched matrix products, in eager
float32 under inference_mode. The loss of a member is the mean square error over all steps.

    python torch_population.py FOLDER THREADS [--groups] [--device cuda] [--compile]

The plain form keeps perceptions channel-last and the whole population in one batch. The form of --groups is the
fastest found: channels first, so that nothing is transposed, and each thread with a few members of its own, whose
numbers stay in the cache and which waits for no other thread.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import torch

from exchange import serve
from torch_device import How
from torch_step import Automaton

GROUP = 4


class Members(Automaton):
    """A network for each sample, of the members in a slice."""

    def __init__(self, workload, how, members):
        super().__init__(workload)
        parameters = {name: how.tensor(p[members]) for name, p in workload.parameters.items()}
        self.weights = [parameters[f"update.{n}.weight"] for n in range(2)]  # (P, in, out)
        self.biases = [parameters[f"update.{n}.bias"][:, None] for n in range(2)]  # (P, 1, out)


class ChannelsLast(Members):
    def update(self, perception):  # (P, 3 C, H, W)
        size = perception.shape[2:]
        x = perception.permute(0, 2, 3, 1).flatten(1, 2)  # (P, H W, 3 C)
        x = torch.baddbmm(self.biases[0], x, self.weights[0]).relu_()
        x = torch.baddbmm(self.biases[1], x, self.weights[1])
        return x.unflatten(1, size).permute(0, 3, 1, 2)


class ChannelsFirst(Members):
    def __init__(self, workload, how, members):
        super().__init__(workload, how, members)
        self.weights = [weight.mT.contiguous() for weight in self.weights]  # (P, out, in)
        self.biases = [bias.mT.contiguous() for bias in self.biases]  # (P, out, 1)

    def update(self, perception):  # (P, 3 C, H, W)
        size = perception.shape[2:]
        x = perception.flatten(2)  # (P, 3 C, H W)
        x = torch.baddbmm(self.biases[0], self.weights[0], x).relu_()
        return torch.baddbmm(self.biases[1], self.weights[1], x).unflatten(2, size)


def evaluation(workload, how, form, members):
    """A function that evaluates the members of a slice."""
    automaton = form(workload, how, members).to(how.device)
    advance = how.advance(automaton)
    population = len(automaton.weights[0])
    start = how.tensor(workload.states).permute(0, 3, 1, 2)
    target = how.tensor(workload.target).permute(2, 0, 1)

    @torch.inference_mode()
    def evaluate():
        x = start.repeat(population, 1, 1, 1)
        losses = torch.zeros(population, device=x.device)
        for _ in range(workload.steps):
            x = advance(x)
            losses += (x[:, :4] - target).square().mean((1, 2, 3))
        return (losses / workload.steps).tolist()

    return evaluate


def whole(workload, how):
    return evaluation(workload, how, ChannelsLast, slice(None))


def by_groups(workload, how, threads):
    population = len(workload.parameters["update.0.weight"])
    groups = [slice(first, first + GROUP) for first in range(0, population, GROUP)]

    def judge(group):
        return evaluation(workload, how, ChannelsFirst, group)()

    def evaluate():
        with ThreadPoolExecutor(threads) as pool:
            return sum(pool.map(judge, groups), [])

    return evaluate


if __name__ == "__main__":
    folder, threads, *flags = sys.argv[1:]
    groups = "--groups" in flags
    # Either the operations use all threads, or the groups do.
    how = How(flags, 1 if groups else int(threads))
    make = partial(by_groups, how=how, threads=int(threads)) if groups else partial(whole, how=how)
    form = (f"groups of {GROUP}" if groups else "one batch") + how.words()
    serve(
        f"PyTorch {torch.__version__} ({form})",
        folder,
        make,
        lambda workload: {"losses": make(workload)()},
        how.synchronize,
    )
