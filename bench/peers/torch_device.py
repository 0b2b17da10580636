"""
Where PyTorch computes, and how: flags that several peers share.

    --device cuda   on the graphics card; else on the processor
    --tf32          products on a card's matrix units, in 10 bits of mantissa; else in full float32
    --compile       one automaton step goes through torch.compile
    --graph         the whole work is recorded once as a CUDA graph, and then repeated without Python in between
"""

from functools import partial

import torch


class How:
    def __init__(self, flags, threads):
        self.device = flags[flags.index("--device") + 1] if "--device" in flags else "cpu"
        self.cuda = self.device == "cuda"
        self.tf32, self.compiled, self.graph = (flag in flags for flag in ("--tf32", "--compile", "--graph"))
        torch.set_num_threads(threads)
        if self.cuda:
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = self.tf32

    def words(self):
        """What belongs into a peer's name."""
        return (", compiled" * self.compiled) + (", CUDA graph" * self.graph) + (", TF32" * self.tf32)

    def tensor(self, array):
        return torch.from_numpy(array).to(self.device)

    def advance(self, automaton):
        """A module or a function that makes a step, compiled if so wanted."""
        # The workload that is checked has other sizes; kernels for any size would be slower.
        return torch.compile(automaton, dynamic=False) if self.compiled else automaton

    def adam(self, parameters):
        """At a learning rate of 0 every step does the same work on the same parameters."""
        return torch.optim.Adam(parameters, lr=0.0, capturable=self.graph)

    def work(self, work):
        """A function that does `work` and returns what that returns: tensors, which the next call may overwrite."""
        return graphed(work) if self.graph else work

    def synchronize(self):
        if self.cuda:
            torch.cuda.synchronize()


def graphed(work):
    """CUDA graphs, as PyTorch's notes on CUDA say: a few runs on a stream of their own, one that is recorded."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            work()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = work()
    return partial(replay, graph, result)


def replay(graph, result):
    graph.replay()
    return result
