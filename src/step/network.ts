import { networkTable } from "../rule/parameters.ts";
import type { Rule } from "../rule/rule.ts";
import { type Floats, zerosLike } from "./floats.ts";

/** One layer of the network: weight (inputs, outputs) and bias (outputs), views of a flat buffer. */
export type Layer = { inputs: number; outputs: number; weight: Floats; bias?: Floats };

/** The layers of flat parameters, or of their gradient. */
export function layersOf(rule: Rule, flat: Floats): Layer[] {
  const layers: Layer[] = [];
  for (const { shape, offset, size } of networkTable(rule)) {
    const view = flat.subarray(offset, offset + size);
    if (shape.length === 2) layers.push({ inputs: shape[0], outputs: shape[1], weight: view });
    else layers[layers.length - 1].bias = view;
  }
  return layers;
}

/**
 * Y = X W + b in the rows of fired cells; 0 in the others.
 *
 * @param X (cells, inputs). @returns (cells, outputs).
 */
export function linear({ inputs, outputs, weight, bias }: Layer, X: Floats, fired: Uint8Array): Floats {
  const Y = zerosLike(X, fired.length * outputs);
  for (let n = 0; n < fired.length; n++) {
    if (!fired[n]) continue;
    if (bias) Y.set(bias, n * outputs);
    for (let i = 0; i < inputs; i++) {
      const x = X[n * inputs + i];
      for (let o = 0; o < outputs; o++) Y[n * outputs + o] += x * weight[i * outputs + o];
    }
  }
  return Y;
}

/** The adjoint of {@link linear}: adds to the gradients `dLayer`, given dY (cells, outputs). @returns dX (cells, inputs). */
export function linearBackward(
  { inputs, outputs, weight }: Layer,
  dLayer: Layer,
  X: Floats,
  dY: Floats,
  fired: Uint8Array,
): Floats {
  const dX = zerosLike(X, X.length);
  for (let n = 0; n < fired.length; n++) {
    if (!fired[n]) continue;
    if (dLayer.bias) for (let o = 0; o < outputs; o++) dLayer.bias[o] += dY[n * outputs + o];
    for (let i = 0; i < inputs; i++) {
      const x = X[n * inputs + i];
      for (let o = 0; o < outputs; o++) {
        dLayer.weight[i * outputs + o] += x * dY[n * outputs + o];
        dX[n * inputs + i] += weight[i * outputs + o] * dY[n * outputs + o];
      }
    }
  }
  return dX;
}

/** ReLU(Y). NaN stays NaN. */
export function rectify(Y: Floats): Floats {
  return Y.map((y) => Math.max(y, 0));
}

/** The adjoint of {@link rectify}, given its result X: dY = dX where X > 0, else 0. */
export function rectifyBackward(X: Floats, dX: Floats): Floats {
  return dX.map((dx, i) => (X[i] > 0 ? dx : 0));
}

/**
 * The network of every fired cell, on its perception P (cells, F).
 *
 * @returns what goes into each layer, P first, and last of all the deltas (cells, C).
 */
export function network(layers: readonly Layer[], P: Floats, fired: Uint8Array): Floats[] {
  const activations = [P];
  layers.forEach((layer, index) => {
    const Y = linear(layer, activations[index], fired);
    activations.push(index + 1 < layers.length ? rectify(Y) : Y);
  });
  return activations;
}

/** The fired cells that run parameter set `set`, where `cells` holds the set of each. */
export function firedOf(cells: Uint8Array, set: number, fired: Uint8Array): Uint8Array {
  return fired.map((fires, n) => (cells[n] === set ? fires : 0));
}

/**
 * {@link network} with several parameter sets, of which each cell runs one.
 *
 * @param sets layers of each set. @param cells one byte a cell: which set it runs.
 */
export function networks(
  sets: readonly (readonly Layer[])[],
  cells: Uint8Array,
  P: Floats,
  fired: Uint8Array,
): Floats[] {
  const bySet = sets.map((layers, set) => network(layers, P, firedOf(cells, set, fired)));
  return bySet[0].map((_, index) =>
    rowsOf(
      bySet.map((activations) => activations[index]),
      cells,
    ),
  );
}

/** Of several arrays (cells, size), the row of each cell out of the one that `cells` names. */
export function rowsOf(bySet: readonly Floats[], cells: Uint8Array): Floats {
  const merged = bySet[0].slice();
  const size = merged.length / cells.length;
  cells.forEach((set, n) => {
    merged.set(bySet[set].subarray(n * size, (n + 1) * size), n * size);
  });
  return merged;
}

/** The adjoint of {@link network}: adds to the gradients `dLayers`, given dDelta (cells, C). @returns dP (cells, F). */
export function networkBackward(
  layers: readonly Layer[],
  dLayers: readonly Layer[],
  activations: readonly Floats[],
  dDelta: Floats,
  fired: Uint8Array,
): Floats {
  let dY = dDelta;
  for (let index = layers.length - 1; index >= 0; index--) {
    const X = activations[index];
    const dX = linearBackward(layers[index], dLayers[index], X, dY, fired);
    dY = index > 0 ? rectifyBackward(X, dX) : dX;
  }
  return dY;
}
