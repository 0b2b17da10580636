"""
JAX's training step: the same automaton, compiled as a whole by jax.jit, its steps in a lax.scan. Perception adds up
shifted copies of the grid, which XLA makes faster code of on CPUs than of a depthwise convolution.

    python jax_step.py FOLDER THREADS [--device cuda] [--tf32]

Needs `pip install jax` beyond requirements.txt. XLA takes all cores and knows no number of threads.
"""

import sys

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from exchange import KERNELS, serve
from jax_device import choose_device


def perceive(x):  # (B, H, W, C) -> (B, H, W, 3 C), feature = channel * 3 + kernel
    padded = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    height, width = x.shape[1:3]

    def correlate(kernel):
        taps = [(i, j, kernel[i, j]) for i in range(3) for j in range(3) if kernel[i, j] != 0]
        return sum(w * padded[:, i : i + height, j : j + width] for i, j, w in taps)

    stacked = jnp.stack([correlate(kernel) for kernel in KERNELS], axis=-1)
    return stacked.reshape(*x.shape[:3], -1)


def automaton(workload):
    """The function that makes one step of states x (B, H, W, C) under a network, with the fire mask of a key."""
    channel = workload.alive_channel

    def alive(x):
        alpha = x[..., channel : channel + 1]
        highest = lax.reduce_window(alpha, -jnp.inf, lax.max, (1, 3, 3, 1), (1, 1, 1, 1), "SAME")
        return highest > workload.alive_threshold

    def advance(parameters, x, key):
        before = alive(x)
        hidden = jax.nn.relu(perceive(x) @ parameters["update.0.weight"] + parameters["update.0.bias"])
        delta = hidden @ parameters["update.1.weight"] + parameters["update.1.bias"]
        fired = jax.random.uniform(key, (*x.shape[:3], 1)) <= workload.fire_rate
        x = x + delta * fired
        return x * (before & alive(x))

    return advance


def loss_of(workload):
    """Loss and last states of parameters, initial states, a target and a key. Large arrays are arguments, not constants."""
    advance = automaton(workload)

    def loss(parameters, start, target, key):
        keys = jax.random.split(key, workload.steps)
        final, _ = lax.scan(lambda x, key: (advance(parameters, x, key), None), start, keys)
        return jnp.mean((final[..., :4] - target) ** 2), final

    return loss


def arrays_of(workload):
    return jnp.asarray(workload.states), jnp.asarray(workload.target), jax.random.key(0)


def make_step(workload):
    return make_forward(workload) if workload.forward else make_training_step(workload)


def make_forward(workload):
    arrays = arrays_of(workload)
    parameters = jax.tree.map(jnp.asarray, workload.parameters)
    loss = jax.jit(loss_of(workload))
    return lambda: float(jax.block_until_ready(loss(parameters, *arrays))[0])


def make_training_step(workload):
    loss = loss_of(workload)
    arrays = arrays_of(workload)
    zeros = {name: jnp.zeros_like(p) for name, p in workload.parameters.items()}
    state = {"parameters": workload.parameters, "mean": zeros, "square": zeros, "count": 0}

    @jax.jit
    def update(state, *arrays):
        (value, _), gradient = jax.value_and_grad(loss, has_aux=True)(state["parameters"], *arrays)
        gradient = jax.tree.map(lambda g: g / (jnp.linalg.norm(g) + 1e-8), gradient)
        count = state["count"] + 1
        mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, state["mean"], gradient)
        square = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, state["square"], gradient)

        def adam(p, m, s):  # at a learning rate of 0: every step does the same work on the same parameters
            return p - 0.0 * (m / (1 - 0.9**count)) / (jnp.sqrt(s / (1 - 0.999**count)) + 1e-8)

        parameters = jax.tree.map(adam, state["parameters"], mean, square)
        return {"parameters": parameters, "mean": mean, "square": square, "count": count}, value

    def step():
        nonlocal state
        state, value = jax.block_until_ready(update(state, *arrays))
        return float(value)

    return step


def gradient(workload):
    loss = jax.jit(jax.value_and_grad(loss_of(workload), has_aux=True))
    (_, final), gradients = loss(workload.parameters, *arrays_of(workload))
    return {"final": np.asarray(final), **{f"grad.{name}": np.asarray(g) for name, g in gradients.items()}}


if __name__ == "__main__":
    folder, threads, *flags = sys.argv[1:]
    words = choose_device(flags)
    serve(f"JAX {jax.__version__}{words}", folder, make_step, gradient)
