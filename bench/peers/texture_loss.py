"""
The texture loss in PyTorch, as `src/train/loss/texture.ts` defines it: sliced optimal transport between the patches of two
pictures, on every level of a pyramid. Pictures are (B, K, H, W); the gradient is autograd's.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F

LEAST_SIDE = 8
DIRECTIONS, PATCHES = 17, 18  # streams of random numbers, as in src/random.ts


def pcg4d(a, b, c, d):
    """All four words of the hash, each of the shape that the arguments make together, as numbers below 2^32."""
    with np.errstate(over="ignore"):
        arguments = np.broadcast_arrays(*(np.asarray(v, np.uint32) for v in (a, b, c, d)))
        x, y, z, w = (np.uint32(1664525) * v + np.uint32(1013904223) for v in arguments)
        for again in range(2):
            x = x + y * w
            y = y + z * x
            z = z + x * y
            w = w + y * z
            if again == 0:
                x, y, z, w = (v ^ (v >> np.uint32(16)) for v in (x, y, z, w))
    return [v.astype(np.float64) for v in (x, y, z, w)]


def directions_of(count, numbers, seed, step, level):
    """(count, numbers), each of length 1."""
    index = level * 2**20 + np.arange(count * numbers).reshape(count, numbers)
    values = sum(pcg4d(seed, DIRECTIONS, step, index)) / 2**32 - 2
    return torch.from_numpy(values / np.linalg.norm(values, axis=1, keepdims=True))


def blur(x, wraps):
    kernel = torch.tensor([1, 4, 6, 4, 1], dtype=x.dtype, device=x.device) / 16
    channels = x.shape[1]
    mode = "circular" if wraps else "replicate"
    for shape, padding in (((1, 5), (2, 2, 0, 0)), ((5, 1), (0, 0, 2, 2))):
        weight = kernel.reshape(1, 1, *shape).repeat(channels, 1, 1, 1)
        x = F.conv2d(F.pad(x, padding, mode), weight, groups=channels)
    return x


def pyramid(x, levels, sharpness, wraps):
    shown = []
    for _ in range(levels):
        soft = blur(x, wraps)
        shown.append(x + sharpness * (x - soft))
        height, width = (side // 2 for side in x.shape[2:])
        x = soft[:, :, : 2 * height : 2, : 2 * width : 2]
    return shown


def patches_of(x, patch, most, wraps, draws):
    """(B, N, numbers): rows, then columns, then channels; of too many, those of a lattice."""
    if wraps:
        x = F.pad(x, (0, patch - 1, 0, patch - 1), "circular")
    rows, columns = (side - patch + 1 for side in x.shape[2:])
    stride = 1
    while (rows // stride) * (columns // stride) > most:
        stride += 1
    top, left = (math.floor(draw * stride) for draw in draws)
    down, across = rows // stride, columns // stride
    x = x[:, :, top : top + (down - 1) * stride + patch, left : left + (across - 1) * stride + patch]
    batch, channels = x.shape[:2]
    windows = F.unfold(x, patch, stride=stride).reshape(batch, channels, patch * patch, -1)
    return windows.permute(0, 3, 2, 1).flatten(2)


def transport(own, wanted):
    """Mean squared distance moved between sorted sets, (B, D, N) and (B or 1, D, M)."""
    own, wanted = own.sort(-1).values, wanted.sort(-1).values
    n, m = own.shape[-1], wanted.shape[-1]
    if n != m:
        own, wanted = own.repeat_interleave(m // math.gcd(n, m), -1), wanted.repeat_interleave(n // math.gcd(n, m), -1)
    return ((own - wanted) ** 2).mean(-1)


class TextureLoss:
    """Loss of each of a batch of pictures from a target, (1, K, H, W). The target does not wrap, the pictures do."""

    def __init__(self, target, grid, *, patch, levels, directions, patches, sharpness):
        side = min(*target.shape[2:], *grid)
        while side >> (levels - 1) < LEAST_SIDE:
            levels -= 1
        self.levels, self.patch, self.patches = levels, patch, patches
        self.directions, self.sharpness = directions, sharpness
        self.wanted = pyramid(target, levels, sharpness, False)

    def __call__(self, pictures, seed=None, step=0):
        """With a seed, directions are those of the engine; without, PyTorch's own."""
        total = 0
        for level, (shown, wanted) in enumerate(zip(pyramid(pictures, self.levels, self.sharpness, True), self.wanted)):
            numbers = self.patch**2 * pictures.shape[1]
            if seed is None:
                random = torch.randn(self.directions, numbers, dtype=pictures.dtype, device=pictures.device)
                directions = F.normalize(random, dim=1)
                draws = torch.rand(2).tolist()
            else:
                directions = directions_of(self.directions, numbers, seed, step, level).to(pictures)
                draws = (pcg4d(seed, PATCHES, step, 2 * level + np.arange(2))[1] / 2**32).tolist()
            own, theirs = (
                (patches_of(x, self.patch, self.patches, wraps, draws) @ directions.T).transpose(1, 2)
                for x, wraps in ((shown, True), (wanted, False))
            )
            total = total + transport(own, theirs).mean(-1)
        return total / self.levels
