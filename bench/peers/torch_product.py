"""
PyTorch's matrix products of a step of an automaton, and nothing else: cells x features times features x hidden, then
cells x hidden times hidden x channels, a number of times over. It returns how many products of two numbers and additions that is.

    python torch_product.py FOLDER THREADS [--device cuda] [--tf32]
"""

import sys

import torch

from exchange import serve
from torch_device import How

TIMES = 50


def make_step(workload, how):
    first, last = (how.tensor(workload.parameters[f"update.{n}.weight"]) for n in range(2))
    cells = workload.states[..., 0].size
    perception = torch.rand(cells, first.shape[0], device=how.device)
    hidden = torch.empty(cells, first.shape[1], device=how.device)
    delta = torch.empty(cells, last.shape[1], device=how.device)

    def step():
        for _ in range(TIMES):
            torch.mm(perception, first, out=hidden)
            torch.mm(hidden, last, out=delta)
        return 2 * TIMES * cells * (first.numel() + last.numel())

    return step


if __name__ == "__main__":
    folder, threads, *flags = sys.argv[1:]
    how = How(flags, int(threads))
    name = f"PyTorch {torch.__version__}, bare products{how.words()}"
    serve(name, folder, lambda workload: make_step(workload, how), lambda workload: {}, how.synchronize)
