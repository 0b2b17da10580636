"""
Where JAX computes: `--device cuda` on the graphics card, else on the processor; products there in full float32, but with
`--tf32`, JAX's own default, on matrix units in 10 bits of mantissa.
"""

import jax


def choose_device(flags):
    """To be called before anything is computed. @returns what belongs into a peer's name."""
    device = flags[flags.index("--device") + 1] if "--device" in flags else "cpu"
    tf32 = "--tf32" in flags
    jax.config.update("jax_platforms", device)
    if device == "cuda" and not tf32:
        jax.config.update("jax_default_matmul_precision", "highest")
    return " (TF32)" * tf32
