"""
Golden values of the texture loss: PyTorch's autograd on pictures small enough to keep, in double precision.

    python test/golden/texture.py test/golden/texture.safetensors

For each case the file holds the picture (H, W, K), the target (H, W, K), the loss, and its gradient in the picture; the metadata
say the settings of each.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

sys.path.insert(0, str(Path(__file__).parents[2] / "bench" / "peers"))
from texture_loss import TextureLoss  # noqa: E402

CASES = {
    "plain": dict(grid=(16, 16), target=(16, 16), patch=5, levels=2, directions=5, patches=4096, sharpness=2.0),
    # Odd sides, more patches than are compared, and another number of them in the target.
    "lattice": dict(grid=(18, 25), target=(21, 17), patch=3, levels=5, directions=8, patches=64, sharpness=0.5),
}
SEED, STEP, CHANNELS = 3, 41, 3

torch.manual_seed(0)
tensors, metadata = {}, {"seed": SEED, "step": STEP, "torch": torch.__version__}
for name, case in CASES.items():
    settings = dict(case)
    grid, size = settings.pop("grid"), settings.pop("target")
    picture, target = (torch.rand(1, CHANNELS, *shape).double() for shape in (grid, size))
    picture.requires_grad_()
    (loss,) = TextureLoss(target, grid, **settings)(picture, SEED, STEP)
    loss.backward()
    tensors |= {
        f"{name}.picture": picture.detach()[0].permute(1, 2, 0).float(),
        f"{name}.target": target[0].permute(1, 2, 0).float(),
        f"{name}.loss": loss.detach().reshape(1),
        f"{name}.grad": picture.grad[0].permute(1, 2, 0),
    }
    metadata[name] = json.dumps(settings)

save_file(
    {name: t.contiguous() for name, t in tensors.items()},
    sys.argv[1],
    metadata={name: str(value) for name, value in metadata.items()},
)
