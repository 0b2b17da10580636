"""What every peer shares: reading a workload, answering the benchmark's commands, measuring its own memory."""

import json
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

IDENTITY = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], np.float32)
SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32) / 8
KERNELS = np.stack([IDENTITY, SOBEL_X, SOBEL_X.T])


@dataclass
class Workload:
    folder: Path
    steps: int
    fire_rate: float
    alive_channel: int
    alive_threshold: float
    pinned: list  # channels that stay as they are
    states: np.ndarray  # (B, H, W, C); of a population one state, from which all members start
    target: np.ndarray  # (H, W, 4)
    # update.N.weight (in, out), update.N.bias (out); perception feature = channel * 3 + kernel. Of a population
    # (P, in, out) and (P, out). Of attention, perceive.query and perceive.key (C, heads, size), perceive.place (heads, 9), too.
    parameters: dict
    forward: bool = False  # whether the rollout is all there is to do


def load(folder: Path) -> Workload:
    numbers = json.loads((folder / "workload.json").read_text())
    files = sorted([*folder.glob("update.*.npy"), *folder.glob("perceive.*.npy")])
    parameters = {file.stem: np.load(file) for file in files}
    states, target = np.load(folder / "states.npy"), np.load(folder / "target.npy")
    return Workload(folder, states=states, target=target, parameters=parameters, **numbers)


def peak_bytes() -> int:
    """Most memory this process ever had. On Linux ru_maxrss begins with the parent's peak; VmHWM does not."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def answer(**values) -> None:
    print(json.dumps(values), flush=True)


def serve(name: str, folder: str, make_step, check, synchronize=lambda: None) -> None:
    """
    make_step(workload) returns a function that does the work once and returns its loss, or a list of losses;
    check(workload) returns what the benchmark compares, as arrays by name. synchronize() waits for the device.

    Commands are lines: `check OUT` writes arrays of the workload in FOLDER/check to its folder OUT, `step PLACE` does the
    workload in FOLDER/PLACE once; both words may be left out.
    """
    root = Path(folder)
    answer(name=name)
    steps = {}
    for line in sys.stdin:
        command, *place = line.split()
        if command == "check":
            workload = load(root / "check")
            out = workload.folder.joinpath(*place)
            out.mkdir(exist_ok=True)
            for what, values in check(workload).items():
                np.save(out / f"{what}.npy", np.ascontiguousarray(values, np.float32))
            answer()
        else:
            chosen = root.joinpath(*place)
            if chosen not in steps:
                steps[chosen] = make_step(load(chosen))
            synchronize()
            began = time.perf_counter()
            loss = steps[chosen]()
            synchronize()
            answer(seconds=time.perf_counter() - began, loss=loss, peakBytes=peak_bytes())
