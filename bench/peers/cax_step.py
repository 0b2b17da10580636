"""
CAX's training step, in its own words: the automaton of its notebook on growing, trained by flax.nnx and optax as there, from
states and to a target that are given. Its channels stand in another order: red, green, blue and alpha last.

    python cax_step.py FOLDER THREADS [--device cuda] [--tf32]

Needs CAX (https://github.com/maxencefaldor/cax) with JAX, flax and optax.
"""

import sys
from importlib import metadata

import jax
import jax.numpy as jnp
import numpy as np
import optax
from cax.core import ComplexSystem
from cax.core.perceive import ConvPerceive, grad_kernel, identity_kernel
from cax.core.update import NCAUpdate
from flax import nnx

from exchange import serve
from jax_device import choose_device

# Which of our kernels each of its is: identity, along rows, along columns; ours are identity, x, y.
KERNELS = [0, 2, 1]
TRAINED = nnx.All(nnx.Param, nnx.PathContains("update"))


class Growing(ComplexSystem):
    def __init__(self, channels, hidden, fire_rate, alive_threshold):
        rngs = nnx.Rngs(0)
        features = len(KERNELS) * channels
        self.perceive = ConvPerceive(
            channel_size=channels, perception_size=features, feature_group_count=channels, rngs=rngs
        )
        self.update = NCAUpdate(
            channel_size=channels,
            perception_size=features,
            hidden_layer_sizes=(hidden,),
            # Its dropout divides what is left by the rate at which cells fire.
            step_size=fire_rate,
            cell_dropout_rate=1 - fire_rate,
            alive_threshold=alive_threshold,
            rngs=rngs,
        )
        kernels = jnp.concatenate([identity_kernel(ndim=2), grad_kernel(ndim=2)], axis=-1)
        self.perceive.conv.kernel[...] = jnp.tile(kernels, channels)[:, :, None]

    def _step(self, state, input=None, *, sow=False):
        return self.update(state, self.perceive(state), input)


class Order:
    """Between our order of channels and features, and CAX's."""

    def __init__(self, channels):
        self.channels = np.r_[4:channels, 0:4]
        self.features = (self.channels[:, None] * len(KERNELS) + KERNELS).ravel()

    def theirs(self, parameters):
        """(in, out) and (out) of each layer."""
        return [
            (parameters["update.0.weight"][self.features], parameters["update.0.bias"]),
            (parameters["update.1.weight"][:, self.channels], parameters["update.1.bias"][self.channels]),
        ]

    def ours(self, layers):
        (first, first_bias), (last, last_bias) = layers
        features, channels = np.argsort(self.features), np.argsort(self.channels)
        return {
            "update.0.weight": first[features],
            "update.0.bias": first_bias,
            "update.1.weight": last[:, channels],
            "update.1.bias": last_bias[channels],
        }


def setup(workload):
    channels = workload.states.shape[-1]
    if workload.alive_channel != 3:
        raise ValueError("CAX masks by its last channel, which is our channel 3")
    order = Order(channels)
    hidden = workload.parameters["update.0.bias"].size
    system = Growing(channels, hidden, workload.fire_rate, workload.alive_threshold)
    for layer, (weight, bias) in zip(system.update.layers, order.theirs(workload.parameters)):
        layer.kernel[...] = jnp.asarray(weight)[None, None]
        layer.bias[...] = jnp.asarray(bias)
    states = jnp.asarray(workload.states[..., order.channels])
    return order, system, states, jnp.asarray(workload.target)


def rollout(workload):
    """A function of a system and states (B, H, W, C), each with dropout of its own."""
    batch = len(workload.states)
    axes = nnx.StateAxes({nnx.RngState: 0, nnx.Intermediate: 0, ...: None})

    @nnx.split_rngs(splits=batch)
    @nnx.vmap(in_axes=(axes, 0))
    def roll(system, state):
        return system(state, num_steps=workload.steps)

    return roll


def gradient_of(workload):
    roll = rollout(workload)

    def loss(system, states, target):
        final = roll(system, states)
        return jnp.mean(jnp.square(final[..., -4:] - target)), final

    return nnx.value_and_grad(loss, has_aux=True, argnums=nnx.DiffState(0, TRAINED))


def make_step(workload):
    _, system, states, target = setup(workload)
    if workload.forward:
        roll = nnx.jit(rollout(workload))
        return lambda: float(jax.block_until_ready(roll(system, states))[0, 0, 0, 0])
    # At a learning rate of 0 every step does the same work on the same parameters.
    adam = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(0.0))
    optimizer = nnx.Optimizer(system, adam, wrt=TRAINED)
    gradient = gradient_of(workload)

    @nnx.jit
    def train_step(system, optimizer, states, target):
        (loss, _), grads = gradient(system, states, target)
        optimizer.update(system, grads)
        return loss

    def step():
        loss = train_step(system, optimizer, states, target)
        jax.block_until_ready(nnx.state(system))
        return float(loss)

    return step


def check(workload):
    order, system, states, target = setup(workload)
    (_, final), grads = nnx.jit(gradient_of(workload))(system, states, target)
    layers = grads["update"]["layers"]
    numbers = [tuple(np.asarray(layers[n][kind][...]) for kind in ("kernel", "bias")) for n in range(2)]
    gradient = order.ours([(weight[0, 0], bias) for weight, bias in numbers])
    outcome = {"final": np.asarray(final)[..., np.argsort(order.channels)]}
    return outcome | {f"grad.{name}": values for name, values in gradient.items()}


def version():
    try:
        return " " + metadata.version("cax")
    except metadata.PackageNotFoundError:
        return ""


if __name__ == "__main__":
    folder, threads, *flags = sys.argv[1:]
    words = choose_device(flags)
    serve(f"CAX{version()} on JAX {jax.__version__}{words}", folder, make_step, check)
