/** The critic on jax-js: values of observations, and gradients in observations and in parameters. */
import { grad, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import type { ValueFunction } from "./networks.ts";
import { type CriticSettings, criticTable, initialCritic } from "./critic.ts";
import { concatenated, dense, layersOf, read, softplus, type Tensor } from "./layers.ts";
import { CHUNK, createTrunk, weightsOfChunk } from "./trunk.ts";

/** A critic that can be trained. */
export interface CriticNetwork extends ValueFunction {
  /** Frees memory; the network must not be used any more. */
  dispose(): void;
}

/**
 * Compiles a critic for the CPU. What it computes depends on its input alone; every array made in a call is freed when it
 * returns. Its methods throw a RangeError for observations of another size and for another number of targets.
 *
 * @param seed of the initial parameters.
 */
export async function createCritic(settings: CriticSettings, seed: number): Promise<CriticNetwork> {
  const { pooling, output } = settings;
  const table = criticTable(settings);
  const isDense = pooling === "flatten";
  const trunk = await createTrunk({ ...settings, isDense, table, what: "an observation" });

  const valuesOf = (seen: Tensor, head: readonly Tensor[]): Tensor => {
    const layers = layersOf(head);
    const hidden = isDense ? seen : nn.relu(dense(np.mean(seen, 1), ...layers[0]));
    const values = dense(hidden, ...layers.at(-1)!).reshape([CHUNK]);
    return output === "linear" ? values : softplus(values).neg();
  };
  const judge = jit(valuesOf);
  const inSeen = jit(
    grad(
      (seen: Tensor, head: Tensor[]) => {
        const values = valuesOf(seen, head);
        return [values.ref.sum(), values] as [Tensor, Tensor];
      },
      { hasAux: true },
    ),
  );
  const inAll = jit(
    valueAndGrad(([seen, ...head]: Tensor[], targets: Tensor, weights: Tensor) =>
      np
        .square(targets.sub(valuesOf(seen, head)))
        .mul(weights)
        .sum(),
    ),
  );

  return {
    table,
    initial: initialCritic(settings, seed),
    async values(parameters, observations) {
      const values = new Float32Array(observations.length);
      await trunk.each(parameters, observations, async ({ start, end, seen, head }) => {
        values.set((await read(judge(seen(), head()))).subarray(0, end - start), start);
      });
      return values;
    },
    async differentiate(parameters, observations) {
      const values = new Float32Array(observations.length);
      const gradients: Float32Array[] = [];
      await trunk.each(parameters, observations, async ({ start, end, seen, head, inPictures }) => {
        const [cotangent, ofChunk] = inSeen(seen(), head());
        values.set((await read(ofChunk)).subarray(0, end - start), start);
        gradients.push(...(await inPictures(cotangent)));
      });
      return { values, gradients };
    },
    async regress(parameters, observations, targets, gradient) {
      const count = observations.length;
      if (targets.length !== count) {
        throw new RangeError(`there are ${targets.length} targets for ${count} observations`);
      }
      let error = 0;
      gradient.fill(0);
      await trunk.each(parameters, observations, async ({ start, end, seen, head, sumGradients }) => {
        const [ofChunk, [cotangent, ...inHead]] = inAll(
          [seen(), ...head()],
          np.array(concatenated([targets.subarray(start, end)], CHUNK)),
          weightsOfChunk({ start, end }, count),
        );
        error += (await read(ofChunk))[0];
        await sumGradients(cotangent, inHead, gradient);
      });
      return error;
    },
    dispose() {
      for (const compiled of [trunk, judge, inSeen, inAll]) compiled.dispose();
    },
  };
}
