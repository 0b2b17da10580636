"""
JAX's evaluation of a population: the automaton of jax_step.py under jax.vmap over the members' networks, compiled as a
whole, in groups that fit in memory, on a graphics card all at once. The loss of a member is the mean square error over all steps.

    python jax_population.py FOLDER THREADS [--device cuda] [--tf32]

Needs `pip install jax` beyond requirements.txt. XLA takes all cores and knows no number of threads.
"""

import sys
from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

from exchange import serve
from jax_device import choose_device
from jax_step import automaton

GROUP = 64


def evaluation(workload, group):
    start, target = jnp.asarray(workload.states), jnp.asarray(workload.target)
    advance = automaton(workload)

    def loss(member):
        parameters, key = member

        def step(x, key):
            x = advance(parameters, x, key)
            return x, jnp.mean((x[..., :4] - target) ** 2)

        _, errors = lax.scan(step, start, jax.random.split(key, workload.steps))
        return jnp.mean(errors)

    population = len(workload.parameters["update.0.weight"])
    keys = jax.random.split(jax.random.key(0), population)
    judge = jax.jit(lambda members: lax.map(loss, members, batch_size=group or population))
    # Compiled before it is timed.
    compiled = judge.lower((workload.parameters, keys)).compile()
    return lambda: compiled((workload.parameters, keys)).tolist()


if __name__ == "__main__":
    folder, threads, *flags = sys.argv[1:]
    name = f"JAX {jax.__version__}{choose_device(flags)}"
    make = partial(evaluation, group=None if "cuda" in flags else GROUP)
    serve(name, folder, make, lambda workload: {"losses": make(workload)()})
