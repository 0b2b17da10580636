/** Which tensors are the layers of the network, in which order and which way round. */
import { FormatError, UserError } from "../errors.ts";
import type { Layout } from "../exporters/interchange.ts";
import { isCalledKernel, layerName, nameParts, shortName, quoteName, saysRole } from "./names.ts";
import { type Bias, type Matrix, noUse, shapeText, type SortedTensors } from "./tensors.ts";

export type FoundLayer = Readonly<{
  matrix: Matrix;
  bias: Bias | undefined;
  layout: Layout;
  inputs: number;
  outputs: number;
}>;

/** Words in the names of vectors that are no biases. */
const NO_BIAS = /norm|mean|var|scale|gamma|alpha|std|slope|ema/i;

/** As many as a rule may have. */
const MAX_LAYERS = 9;
const MAX_CHANNELS = 64;

/**
 * Finds the order in which each layer takes what the one before gives, and the last gives the channels that the first
 * perceives. Where the order of the names is one, it is that. A bias whose name says nothing is that of the one layer
 * that lacks one of its size.
 *
 * @param names of the layers, in order, where they are known.
 * @param layouts that weights may have whose shape fits both, the likelier first.
 * @returns the layers, the likelier way round first: two lists where weights fit either way round.
 * @throws FormatError where no order or several are possible, or a tensor is left over; UserError (exit status 2) for
 * names that are not the file's.
 */
export function findLayers(
  { matrices, biases }: SortedTensors,
  names: readonly string[] | undefined,
  layouts: readonly Layout[],
): (readonly FoundLayer[])[] {
  const chosen = names ? named(matrices, names) : matrices;
  if (chosen.length === 0) {
    throw new FormatError(
      "the file holds no layers: no tensor has the shape of a weight, (out, in) or (in, out)",
    );
  }
  if (chosen.length > MAX_LAYERS) {
    throw new FormatError(
      `the file holds ${chosen.length} weights, but an automaton has at most ${MAX_LAYERS} layers; name those of the automaton with --layers, and the others with --ignore`,
    );
  }
  const isKnown = chosen.every(({ layout }) => layout !== undefined);
  const ways = chosen.every(({ name }) => isCalledKernel(name)) ? layouts.toSorted() : layouts;
  const found = (isKnown ? ways.slice(0, 1) : ways).map((layout) => {
    const ends = chosen.map((matrix) => endsOf(matrix, biases, layout));
    return (names ? [ends].filter(isChain) : chains(ends)).map((layers) => ({
      layers,
      natural: layers.every(({ matrix }, i) => matrix === chosen[i]),
    }));
  });
  const natural = found.flatMap((orders) => orders.filter((order) => order.natural));
  const [first, second] = natural.length > 0 ? [natural[0]] : found.flat();
  if (!first) throw noChain(chosen, biases);
  if (second) {
    throw new FormatError(
      `the layers can follow on each other in several orders; name them in theirs, as in --layers ${chosen.map(({ layer }) => shortName(layer)).join(",")}`,
    );
  }
  return (natural.length > 0 ? natural : [first]).map(({ layers }) => complete(layers, matrices, biases));
}

/** The layers with all biases of the file. @throws FormatError where a tensor is left over. */
function complete(
  chain: readonly FoundLayer[],
  matrices: readonly Matrix[],
  biases: readonly Bias[],
): readonly FoundLayer[] {
  const extra = matrices.find((matrix) => chain.every((layer) => layer.matrix !== matrix));
  if (extra) throw noUse(extra.name, extra.shape);
  const loose = biases.filter((bias) => chain.every((layer) => layer.bias !== bias));
  const bare = chain.filter(({ bias }) => !bias);
  const layers = chain.map((layer): FoundLayer => {
    const [bias, rival] = loose.filter(({ data }) => data.length === layer.outputs);
    const isOnly = !rival && bare.filter(({ outputs }) => outputs === layer.outputs).length === 1;
    const isOpen = bare.includes(layer) && bias && isOnly && mayBeBias(bias.name);
    return isOpen ? { ...layer, bias: { ...bias, foundBy: "size" } } : layer;
  });
  const left = loose.find(({ name }) => layers.every(({ bias }) => bias?.name !== name));
  if (!left) return layers;
  const owner = bare.find(({ outputs, matrix }) => {
    const taken = layers.find((layer) => layer.matrix === matrix)?.bias;
    return outputs === left.data.length && !taken;
  });
  if (!owner) throw noUse(left.name, left.shape);
  const name = quoteName(left.name);
  throw new FormatError(
    `the tensor ${name} of shape ${shapeText(left.shape)} may be the bias of the layer ${quoteName(owner.matrix.layer)}, which has none, but no name says so; call it ${quoteName([owner.matrix.layer, "bias"].filter(Boolean).join("."))} if it is, or else leave it out with --ignore ${shortName(left.name)}`,
  );
}

/** Whether nothing in a vector's name says that it is something else, or another layer's. */
function mayBeBias(name: string): boolean {
  return !NO_BIAS.test(name) && (!saysRole(name) || layerName(name) === "");
}

/** The matrices of the layers named, in that order. */
function named(matrices: readonly Matrix[], names: readonly string[]): Matrix[] {
  return names.map((name, i) => {
    const matrix =
      matrices.find(({ layer }) => layer === nameParts(name).join(".")) ??
      matrices.find(({ layer }) => layer === layerName(name));
    if (matrix && names.indexOf(name) === i) return matrix;
    const known = matrices
      .slice(0, MAX_LAYERS)
      .map(({ layer }) => shortName(layer))
      .join(", ");
    throw new UserError(
      matrix
        ? `the layer ${quoteName(name)} is named twice; name each once, in their order`
        : `the file has no layer ${quoteName(name)}; its layers are ${known}`,
      { exitCode: 2 },
    );
  });
}

function endsOf(matrix: Matrix, biases: readonly Bias[], fallback: Layout): FoundLayer {
  const layout = matrix.layout ?? fallback;
  const [rows, columns] = matrix.sides;
  const [inputs, outputs] = layout === "in-out" ? [rows, columns] : [columns, rows];
  return { matrix, bias: biases.find(({ layer }) => layer === matrix.layer), layout, inputs, outputs };
}

/** The first orders in which all layers follow on each other, at most two. */
function chains(layers: readonly FoundLayer[]): FoundLayer[][] {
  const found: FoundLayer[][] = [];
  const extend = (chain: FoundLayer[], rest: readonly FoundLayer[]) => {
    if (rest.length === 0 && isChain(chain)) found.push(chain);
    for (const next of rest) {
      if (found.length === 2) return;
      if (chain.length === 0 || chain[chain.length - 1].outputs === next.inputs) {
        extend(
          [...chain, next],
          rest.filter((layer) => layer !== next),
        );
      }
    }
  };
  extend([], layers);
  return found;
}

function isChain(layers: readonly FoundLayer[]): boolean {
  const channels = layers[layers.length - 1].outputs;
  return (
    channels <= MAX_CHANNELS &&
    layers[0].inputs >= channels &&
    layers.every(({ outputs, bias }, i) => {
      const fits = i + 1 === layers.length || outputs === layers[i + 1].inputs;
      return fits && (bias === undefined || bias.data.length === outputs);
    })
  );
}

function noChain(matrices: readonly Matrix[], biases: readonly Bias[]): FormatError {
  const list = matrices.map(({ name, shape, layer }) => {
    const bias = biases.find((other) => other.layer === layer);
    return `${quoteName(name)} ${shapeText(shape)}${bias ? ` with a bias of ${bias.data.length}` : ""}`;
  });
  return new FormatError(
    `the weights do not lead from what is perceived to at most ${MAX_CHANNELS} channels: ${list.join(", ")}; name the layers with --layers, and what is none with --ignore`,
  );
}
