"""
Golden values of training an encoder through an automaton: PyTorch's autograd on a case small enough to keep.

    python test/golden/digits.py test/golden/digits.safetensors

The file holds the pictures (B, H, W, 1), the noise (B, latent), the initial states (B, H, W, C), all parameters by the
names and shapes of Neoblast's own files, the objective, and its gradient in each parameter as `grad.NAME`. Every cell
fires, so that no random bits are involved; the metadata say the rest.
"""

import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

SIDE, BATCH, LATENT, FEATURES, CHANNELS, HIDDEN, STEPS = 8, 2, 3, [3, 4], 6, 8, 3
STEP_SIZE, THRESHOLD, BETA = 2.0, 0.1, 0.01
ALIVE = CHANNELS - 1  # which is the picture, too

torch.manual_seed(0)


def random(*shape, scale=1.0):
    return (scale * (2 * torch.rand(*shape) - 1)).requires_grad_()


def layer(name, *shape):
    scale = (3 / torch.Size(shape[:-1]).numel()) ** 0.5
    return {f"{name}.weight": random(*shape, scale=scale), f"{name}.bias": random(shape[-1], scale=0.1)}


flat = (SIDE // 4) ** 2 * FEATURES[-1]
parameters = {
    **layer("update.0", 3 * CHANNELS + LATENT, HIDDEN),
    **{name: (0.03 * p).detach().requires_grad_() for name, p in layer("update.1", HIDDEN, CHANNELS).items()},
    **layer("encoder.conv.0", 3, 3, 1, FEATURES[0]),
    **layer("encoder.conv.1", 3, 3, FEATURES[0], FEATURES[1]),
    **layer("encoder.linear", flat, flat),
    **layer("encoder.mean", flat, LATENT),
    **layer("encoder.logVariance", flat, LATENT),
}


def dense(x, name):
    return x @ parameters[f"{name}.weight"] + parameters[f"{name}.bias"]


def convolve(x, name):  # (B, C, H, W); "same" padding of a stride of 2 on even sides: one row and column after
    weight = parameters[f"{name}.weight"].permute(3, 2, 0, 1)
    return F.relu(F.conv2d(F.pad(x, (0, 1, 0, 1)), weight, parameters[f"{name}.bias"], stride=2))


def encode(pictures):  # (B, H, W, 1)
    x = convolve(convolve(pictures.permute(0, 3, 1, 2), "encoder.conv.0"), "encoder.conv.1")
    x = F.relu(dense(x.permute(0, 2, 3, 1).flatten(1), "encoder.linear"))
    return dense(x, "encoder.mean"), dense(x, "encoder.logVariance")


identity = torch.tensor([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]])
sobel_x = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
kernels = torch.stack([identity, sobel_x.T, sobel_x])[:, None].repeat(CHANNELS, 1, 1, 1)


def alive(x):
    return F.max_pool2d(x[:, ALIVE : ALIVE + 1], 3, stride=1, padding=1) > THRESHOLD


def advance(x, latents):  # (B, C, H, W)
    perception = F.conv2d(x, kernels, padding=1, groups=CHANNELS).permute(0, 2, 3, 1)
    told = latents[:, None, None, :].expand(*perception.shape[:3], LATENT)
    delta = dense(F.relu(dense(torch.cat([perception, told], -1), "update.0")), "update.1")
    after = x + STEP_SIZE * delta.permute(0, 3, 1, 2)
    return after * (alive(x) & alive(after)).float()


pictures = torch.rand(BATCH, SIDE, SIDE, 1)
noise = torch.randn(BATCH, LATENT)
states = torch.rand(BATCH, SIDE, SIDE, CHANNELS)
# Far above the threshold, and beyond a border of empty cells, so that rounding decides no cell's life.
states[..., ALIVE] = 0.5 + 0.5 * torch.rand(BATCH, SIDE, SIDE)
states[:, :2], states[:, :, :2] = 0, 0

mean, log_variance = encode(pictures)
divergence = 0.5 * (mean**2 + log_variance.exp() - log_variance - 1).sum(1).mean()
latents = mean + (0.5 * log_variance).exp() * noise
x = states.permute(0, 3, 1, 2)
for _ in range(STEPS):
    x = advance(x, latents)
objective = F.mse_loss(x[:, ALIVE:].permute(0, 2, 3, 1), pictures) + BETA * divergence
objective.backward()

tensors = {
    "pictures": pictures,
    "noise": noise,
    "states": states,
    "latents": latents,
    "objective": objective.reshape(1),
    **parameters,
    **{f"grad.{name}": p.grad for name, p in parameters.items()},
}
metadata = {"steps": STEPS, "step_size": STEP_SIZE, "threshold": THRESHOLD, "beta": BETA, "torch": torch.__version__}
save_file(
    {name: t.detach().contiguous() for name, t in tensors.items()},
    sys.argv[1],
    metadata={name: str(value) for name, value in metadata.items()},
)
