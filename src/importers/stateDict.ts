/** Importing named tensors: layers and kernels are found by shape and name, the rest is convention. */
import { FormatError, UserError } from "../errors.ts";
import { splitRule } from "../model/pictureRule.ts";
import { type PicturePreset, picturePresets } from "../model/presets.ts";
import { PERCEIVE_WEIGHT } from "../rule/parts/depthwise.ts";
import type { Kernel } from "../rule/rule.ts";
import type { TensorFile } from "../tensor.ts";
import { type Carried, carriedBy, type Layout, transposed } from "../exporters/interchange.ts";
import { sameKernels } from "../formats/kernelStack.ts";
import { decodeTensorFile } from "../formats/tensorFile.ts";
import { assemble, type DenseLayer, stated } from "./assemble.ts";
import {
  DEFAULT_GRID,
  type Imported,
  kernelsInWords,
  likeliest,
  type Mapping,
  notesOn,
  type Reading,
  type TensorImportOptions,
} from "./imported.ts";
import { type FoundLayer, findLayers } from "./layers.ts";
import { shortName, quoteName } from "./names.ts";
import { type Perception, perceptionOf, type RowOrder } from "./perception.ts";
import { openReadings } from "./readings.ts";
import { kernelInWords } from "./stencils.ts";
import { shapeText, type SortedTensors, type Stack, sortTensors, withoutCopies } from "./tensors.ts";

/** How those who use a framework write automata. */
export type Dialect = Readonly<{
  preset: PicturePreset;
  /** Layouts of weights whose shape fits both, the likelier first. */
  layouts: readonly Layout[];
  /** Whether all of them perceive as the preset says, their features by channel. */
  perceivesAlike: boolean;
}>;

/**
 * All ways to read a safetensors or .npz file, the likeliest first: one, unless the file leaves open what
 * `chooseReading` can find out. Where it is an export of ours, its own rule takes the place of the dialect's preset.
 *
 * @throws FormatError where the file is damaged, or no automaton can be found in it; UserError (exit status 2) where
 * what was stated does not fit it.
 */
export function readStateDict(bytes: Uint8Array, dialect: Dialect, options: TensorImportOptions): Reading[] {
  const file = decodeTensorFile(bytes, options.fileName);
  const carried = carriedBy(file);
  const layouts = options.layout ? [options.layout] : carried ? [carried.layout] : dialect.layouts;
  const { sorted, ways } = partsOf(file, options, layouts);
  checkIgnored(file, options, layouts);
  const isSure = ways.length === 1;
  return ways.flatMap((layers) => {
    const text = isSure ? "" : `weights (${layers[0].layout === "in-out" ? "in, out" : "out, in"}), `;
    return readLayers({ dialect, carried, sorted, layers, text }, options);
  });
}

/**
 * The likeliest way to read it.
 *
 * @throws FormatError also where even the kernels would be a guess.
 */
export function importStateDict(bytes: Uint8Array, dialect: Dialect, options: TensorImportOptions): Imported {
  return likeliest(readStateDict(bytes, dialect, options));
}

type Parts = Readonly<{ sorted: SortedTensors; ways: (readonly FoundLayer[])[] }>;

/** The tensors of a file and what layers they make; without copies, where they only make some then. */
function partsOf(file: TensorFile, options: TensorImportOptions, layouts: readonly Layout[]): Parts {
  const all = sortTensors(file, options.ignore);
  const layersOf = (sorted: SortedTensors) => ({ sorted, ways: findLayers(sorted, options.layers, layouts) });
  const lean = withoutCopies(all);
  const stacks = { ...all, stacks: lean.stacks };
  if (lean.matrices.length === all.matrices.length) return layersOf(lean);
  try {
    return layersOf(stacks);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return layersOf(lean);
  }
}

/** @throws UserError where one of the names to ignore is that of a layer or a bias of the automaton. */
function checkIgnored(file: TensorFile, options: TensorImportOptions, layouts: readonly Layout[]): void {
  const { ignore = [] } = options;
  for (const name of ignore) {
    const used = attempt(() => {
      const kept = partsOf(file, { ...options, ignore: ignore.filter((other) => other !== name) }, layouts);
      const without = sortTensors(file, ignore).left;
      return kept.ways[0]
        .flatMap(({ matrix, bias }) => [matrix, ...(bias ? [bias] : [])])
        .find((tensor) => without.some((left) => left.name === tensor.name));
    });
    if (!used) continue;
    throw new UserError(
      `--ignore ${shortName(name)} would leave out ${quoteName(used.name)} of shape ${shapeText(used.shape)}, a ${used.shape.length === 1 ? "bias" : "layer"} of the automaton; leave that option out${used.shape.length === 1 ? "" : ", or name the layers with --layers"}`,
      { exitCode: 2 },
    );
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

type Found = Readonly<{
  dialect: Dialect;
  carried: Carried | undefined;
  sorted: SortedTensors;
  layers: readonly FoundLayer[];
  /** Which way round the weights lie, where that is open. */
  text: string;
}>;

function readLayers(
  { dialect, carried, sorted, layers, text }: Found,
  options: TensorImportOptions,
): Reading[] {
  const { preset = dialect.preset, provenance } = options;
  const own = options.preset ? undefined : carried?.rule;
  const base = own ?? picturePresets[preset];
  const [{ inputs }, { outputs: channels }] = [layers[0], layers[layers.length - 1]];
  const input = stated(options, "inputSize");
  const perceived = perceptionOf(
    sorted.stacks,
    channels,
    inputs - (typeof input === "number" ? input : 0),
    input === undefined && !carried,
    own?.perceive !== undefined,
  );
  const isKnown = carried !== undefined || dialect.perceivesAlike;
  const known = { perceived, channels, inputs, base, isKnown };
  return openReadings(known, options).map((reading) => {
    // Those of an export are known to the last bit, and may be given by more taps than a matrix shows.
    const kernels =
      own && perceived?.kernels && sameKernels(own.kernels, perceived.kernels)
        ? own.kernels
        : reading.kernels;
    const { depthwise } = perceived ?? {};
    const parts = { layers: layers.map(denseLayer), base, kernels, depthwise, order: reading.order };
    const { rule, parameters } = assemble(parts, options);
    const drawn = { grid: DEFAULT_GRID, ...carried?.provenance, ...provenance };
    const model = { ...splitRule(rule, carried?.seeds, carried?.coordinates), parameters, provenance: drawn };
    const mapping = [
      ...layers.flatMap((layer, i) => rowsOf(layer, i, i + 1 === layers.length, reading.order)),
      ...kernelRows(sorted, perceived, rule.kernels),
      ...sorted.left.map((tensor) => ({ from: described(tensor), to: "(left out)", how: tensor.why })),
    ];
    const notes = [
      ...notesOn(model, own ? "the file's own rule" : `the preset ${preset}`),
      ...kernelNotes(perceived, rule.kernels),
    ];
    return {
      model,
      mapping,
      notes,
      text: text + reading.text,
      isGuess: reading.isGuess,
      isOwn: own !== undefined,
    };
  });
}

function denseLayer({ matrix, bias, layout, inputs, outputs }: FoundLayer): DenseLayer {
  const weight = layout === "out-in" ? transposed(matrix.data, outputs, inputs) : matrix.data;
  return { inputs, outputs, weight, bias: bias?.data };
}

/** What became of a layer's tensors. */
function rowsOf(
  { matrix, bias, layout, inputs, outputs }: FoundLayer,
  index: number,
  isLast: boolean,
  order: RowOrder,
): Mapping[] {
  const rows = {
    channel: [],
    kernel: ["rows by kernel to rows by channel"],
    state: ["rows by channel, but for the state's before them, to rows by channel"],
  };
  const done = [...(layout === "out-in" ? ["transposed"] : []), ...(index === 0 ? rows[order] : [])];
  const weight = {
    from: described(matrix),
    to: `update.${index}.weight (${inputs}, ${outputs})`,
    how: done.join(", "),
  };
  if (bias) {
    const how = bias.foundBy === "name" ? "" : `by its ${bias.foundBy}`;
    return [weight, { from: described(bias), to: `update.${index}.bias (${outputs},)`, how }];
  }
  const none = isLast
    ? { to: "rule.outputBias", how: "false" }
    : { to: `update.${index}.bias (${outputs},)`, how: "zeros" };
  return [weight, { from: "(no bias)", ...none }];
}

function kernelRows(
  { stacks }: SortedTensors,
  perceived: Perception | undefined,
  kernels: readonly Kernel[],
): Mapping[] {
  if (!perceived) return [];
  if (!perceived.kernels) return ownRows(stacks, perceived);
  const taken = sameKernels(kernels, perceived.kernels);
  const how = taken ? kernelsInWords(kernels) : "not taken, since others are stated";
  const rows = stacks.map((stack, i) => ({
    from: described(stack),
    to: "rule.kernels",
    how: i === 0 ? how : "",
  }));
  return perceived.isIdentityImplied && taken
    ? [
        ...rows,
        {
          from: "(no identity)",
          to: "rule.kernels",
          how: "before them, as the first layer takes so many more",
        },
      ]
    : rows;
}

/** The rows of kernels of each channel's own. */
function ownRows([stack]: readonly Stack[], { depthwise, isIdentityImplied }: Perception): Mapping[] {
  if (!depthwise) return [];
  const { size, kernels } = depthwise.perceive;
  const channels = depthwise.weight.length / (kernels * size * size);
  const to = `${PERCEIVE_WEIGHT} ${shapeText([kernels, size, size, channels])}`;
  const rows = [{ from: described(stack), to, how: "kernels of each channel's own" }];
  if (!isIdentityImplied) return rows;
  const how = "before them, as the first layer takes so many more";
  return [...rows, { from: "(no identity)", to: PERCEIVE_WEIGHT, how }];
}

/** How kernels that were stated differ from the file's. */
function kernelNotes(perceived: Perception | undefined, kernels: readonly Kernel[]): string[] {
  if (!perceived?.kernels) return [];
  const own = perceived.kernels;
  const other = kernels.flatMap((kernel, i) => {
    const theirs = own[i];
    return theirs && sameKernels([theirs], [kernel])
      ? []
      : [
          `kernel ${i} is ${theirs ? kernelInWords(theirs) : "missing"} in the file, and stated as ${kernelInWords(kernel)}`,
        ];
  });
  return other.length > 0 ? [`Not the file's kernels: ${other.join("; ")}.`] : [];
}

function described({ name, shape }: { name: string; shape: readonly number[] }): string {
  return `${shortName(name)} ${shapeText(shape)}`;
}
