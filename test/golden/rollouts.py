"""
Golden rollouts and gradients: PyTorch's autograd on cases small enough to keep.

    python test/golden/rollouts.py

writes a file for each case beside this script. Numbers are float32, channel-last (B, H, W, C):

    update.N.weight, update.N.bias   (in, out), (out): the network of a cell, ReLU between its layers
    perceive.query, perceive.key     (C, heads, size): of attention over the neighbourhood
    perceive.place                   (heads, 9): what each neighbour gets for its place, row by row
    state0, states                   (B, H, W, C), (T, B, H, W, C): before the first step, and after each
    input                            (B, I): what cells are told, after their perception, where the rule has an input
    target, loss, loss_weights       (H, W, 4), (1), (T): mean squared error over batch, cells and the picture's channels,
                                     at the last step, or summed over all with these weights
    grad.X                           as X: d loss / d X, for every parameter, state0 and input

The metadata `rule` is the rule in Neoblast's own JSON. Every cell fires, so that no random bits are involved. Perception
is channel-major: feature c * kernels + k. Wants torch and safetensors, as in bench/peers/requirements.txt.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

SOBEL_X = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
KERNELS = {
    "identity": torch.tensor([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    "sobelX": SOBEL_X / 8,
    "sobelY": SOBEL_X.T / 8,
    "sobelXRaw": SOBEL_X,
    "sobelYRaw": SOBEL_X.T,
    "laplacian": torch.tensor([[1.0, 2, 1], [2, -12, 2], [1, 2, 1]]) / 16,
}
# No cell comes nearer to the threshold of life than this, so that rounding decides no cell's life.
MARGIN = 1e-3

ARTICLE = {
    "channels": 16,
    "kernels": ["identity", "sobelX", "sobelY"],
    "boundary": "zero",
    "hidden": [36],
    "inputSize": 0,
    "outputBias": True,
    "alive": {"mask": "both", "channel": 3, "threshold": 0.1},
    "fireRate": 1,
    "stepSize": 1,
    "image": {"offset": 0, "channels": 4, "premultiplied": True},
    "seed": {"from": 0, "to": 16},
}
CONVOLUTION = [{"taps": [{"offset": [dy, dx], "weight": 1}]} for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
CASES = {
    "article": {"rule": {}},
    "all-steps": {"rule": {}, "steps": 7, "weights": True},
    "wrapped-raw": {
        "rule": {
            "kernels": ["identity", "sobelXRaw", "sobelYRaw"],
            "boundary": "wrap",
            "alive": {**ARTICLE["alive"], "mask": "after"},
        }
    },
    "told-rgba-last": {
        "rule": {
            "channels": 12,
            "inputSize": 8,
            "stepSize": 0.5,
            "alive": {"mask": "both", "channel": 11, "threshold": 0.1},
            "image": {"offset": 8, "channels": 4, "premultiplied": True},
            "seed": {"from": 0, "to": 12},
        }
    },
    "two-layers-texture": {
        "rule": {
            "channels": 12,
            "kernels": ["identity", "sobelX", "sobelY", "laplacian"],
            "boundary": "wrap",
            "hidden": [20, 36],
            "alive": {**ARTICLE["alive"], "mask": "none"},
            "seed": {"from": 0, "to": 12},
        }
    },
    # The rule of self-classifying digits: a pinned pixel by which cells live, themselves alone, and a learned convolution.
    "classify": {
        "rule": {
            "channels": 12,
            "kernels": CONVOLUTION,
            "hidden": [28, 20],
            "alive": {"mask": "both", "channel": 0, "threshold": 0.1, "reach": 0},
            "pinned": [0],
            "image": {"offset": 8, "channels": 4, "premultiplied": True},
            "seed": {"from": 0, "to": 1},
        }
    },
    "attention": {
        "rule": {
            "channels": 8,
            "perceive": {"kind": "attention", "heads": 2, "size": 3},
            "hidden": [20],
            "seed": {"from": 0, "to": 8},
        }
    },
}


class NearThreshold(Exception):
    pass


def stencil(kernel):
    if isinstance(kernel, str):
        return KERNELS[kernel]
    weights = torch.zeros(3, 3)
    for tap in kernel["taps"]:
        weights[tap["offset"][0] + 1, tap["offset"][1] + 1] += tap["weight"]
    return weights


def simulate(rule, *, steps=4, weights=False, batch=2, grid=(9, 11)):
    channels, alive, image = rule["channels"], rule["alive"], rule["image"]
    attention, pinned = rule.get("perceive"), rule.get("pinned", [])
    features = 1 + attention["heads"] if attention else len(rule["kernels"])
    sizes = [channels * features + rule["inputSize"], *rule["hidden"], channels]
    parameters = {}
    if attention:
        heads, size = attention["heads"], attention["size"]
        for name, shape in (("query", (channels, heads, size)), ("key", (channels, heads, size)), ("place", (heads, 9))):
            parameters[f"perceive.{name}"] = (torch.rand(*shape) - 0.5) * 2
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        scale = 0.3 if i + 2 == len(sizes) else 1.7
        parameters[f"update.{i}.weight"] = (torch.rand(inputs, outputs) - 0.5) * scale / inputs**0.5
        parameters[f"update.{i}.bias"] = (torch.rand(outputs) - 0.5) * 0.1
    state0 = torch.rand(batch, *grid, channels) - 0.5
    if alive["mask"] != "none":
        # A border of empty cells, and life of all ages within.
        state0[..., alive["channel"]] = torch.rand(batch, *grid)
        state0[:, :2], state0[:, :, :3] = 0, 0
    leaves = {**parameters, "state0": state0}
    if rule["inputSize"] > 0:
        leaves["input"] = torch.rand(batch, rule["inputSize"]) - 0.5
    for leaf in leaves.values():
        leaf.requires_grad_()
    mode = {"zero": "constant", "wrap": "circular"}[rule["boundary"]]
    kernels = torch.stack([stencil(kernel) for kernel in rule["kernels"]])[:, None].repeat(channels, 1, 1, 1)

    free = torch.ones(1, channels, 1, 1)
    free[:, pinned] = 0

    def living(x):  # (B, C, H, W)
        at = alive["channel"]
        highest = x[:, at : at + 1]
        if alive.get("reach", 1) == 1:
            highest = F.max_pool2d(F.pad(highest, (1, 1, 1, 1), mode), 3, stride=1)
        if (highest - alive["threshold"]).abs().min() < MARGIN:
            raise NearThreshold
        return (highest > alive["threshold"]).float()

    def neighbours(x):  # (B, C, H, W) to (B, H, W, 9, C)
        rows, columns = x.shape[2:]
        padded = F.pad(x, (1, 1, 1, 1), mode).permute(0, 2, 3, 1)
        return torch.stack([padded[:, y : y + rows, z : z + columns] for y in range(3) for z in range(3)], 3)

    def attend(x):  # (B, C, H, W) to (B, H, W, C * (1 + heads))
        own, around = x.permute(0, 2, 3, 1), neighbours(x)
        query = torch.einsum("byxc,chd->byxhd", own, parameters["perceive.query"])
        key = torch.einsum("byxoc,chd->byxohd", around, parameters["perceive.key"])
        score = torch.einsum("byxhd,byxohd->byxho", query, key) / size**0.5 + parameters["perceive.place"]
        means = torch.einsum("byxho,byxoc->byxch", score.softmax(-1), around)
        return torch.cat([own[..., None], means], -1).flatten(3)

    def convolve(x):
        return F.conv2d(F.pad(x, (1, 1, 1, 1), mode), kernels, groups=channels).permute(0, 2, 3, 1)

    def advance(x):
        seen = attend(x) if attention else convolve(x)
        if rule["inputSize"] > 0:
            told = leaves["input"][:, None, None, :].expand(*seen.shape[:3], rule["inputSize"])
            seen = torch.cat([seen, told], -1)
        for i in range(len(sizes) - 1):
            seen = seen @ parameters[f"update.{i}.weight"] + parameters[f"update.{i}.bias"]
            if i + 2 < len(sizes):
                seen = F.relu(seen)
        after = x + rule["stepSize"] * seen.permute(0, 3, 1, 2) * free
        if alive["mask"] == "none":
            return after
        alive_now = living(after) * (living(x) if alive["mask"] == "both" else 1)
        return after * torch.where(free > 0, alive_now, 1.0)

    target = torch.rand(*grid, 4)
    picture = slice(image["offset"], image["offset"] + 4)
    x, states, losses = state0.permute(0, 3, 1, 2), [], []
    for _ in range(steps):
        x = advance(x)
        states.append(x.permute(0, 2, 3, 1))
        losses.append(((states[-1][..., picture] - target) ** 2).mean())
    loss_weights = torch.rand(steps) / steps
    loss = sum(w * l for w, l in zip(loss_weights, losses)) if weights else losses[-1]
    loss.backward()
    return {
        **leaves,
        "states": torch.stack(states),
        "target": target,
        "loss": loss.reshape(1),
        **({"loss_weights": loss_weights} if weights else {}),
        **{f"grad.{name}": leaf.grad for name, leaf in leaves.items()},
    }


for number, (name, case) in enumerate(CASES.items()):
    rule = {**ARTICLE, **case["rule"]}
    for seed in range(1000 * number, 1000 * (number + 1)):
        torch.manual_seed(seed)
        try:
            tensors = simulate(rule, **{key: value for key, value in case.items() if key != "rule"})
            break
        except NearThreshold:
            continue
    metadata = {"rule": json.dumps(rule)}
    path = Path(__file__).with_name(f"{name}.safetensors")
    save_file({key: value.detach().contiguous() for key, value in tensors.items()}, path, metadata=metadata)
    print(path.name, path.stat().st_size, "seed", seed)
