/** Importing named tensors: layers and kernels are found by shape and name, the rest is convention. */
import { FormatError } from "../../errors.ts";
import { type RulePreset, rulePresets } from "../../rule/presets.ts";
import { carriedBy, type Layout, transposed } from "../interchange.ts";
import { sameKernels } from "../kernelStack.ts";
import { decodeTensorFile } from "../tensorFile.ts";
import { assemble, type DenseLayer } from "./assemble.ts";
import {
  DEFAULT_GRID,
  type Imported,
  kernelsInWords,
  type Mapping,
  notesOn,
  type TensorImportOptions,
} from "./imported.ts";
import { type FoundLayer, findLayers } from "./layers.ts";
import { printable, quoteName } from "./names.ts";
import { type FeatureOrder, perceptionOf } from "./perception.ts";
import { shapeText, sortTensors, type Stack } from "./tensors.ts";

/** How those who use a framework write automata. */
export type Dialect = Readonly<{
  preset: RulePreset;
  /** How weights lie whose shape does not tell, the likelier first. */
  layouts: readonly Layout[];
}>;

/**
 * Imports an automaton from a safetensors or .npz file. Where the file is an export of ours, its own rule takes the
 * place of the dialect's preset.
 *
 * @throws FormatError where the file is damaged, or no automaton can be found in it; UserError (exit status 2) where
 * what was stated does not fit it.
 */
export function importStateDict(bytes: Uint8Array, dialect: Dialect, options: TensorImportOptions): Imported {
  const { preset = dialect.preset, provenance } = options;
  const file = decodeTensorFile(bytes);
  const carried = carriedBy(file);
  const own = options.preset ? undefined : carried?.rule;
  const sorted = sortTensors(file, options.ignore);
  const layouts = options.layout ? [options.layout] : carried ? [carried.layout] : dialect.layouts;
  const { layers, otherLayout } = findLayers(sorted, options.layers, layouts);
  const stack = onlyStack(sorted.stacks);
  const perceived = stack && perceptionOf(stack, layers[layers.length - 1].outputs, layers[0].inputs);
  const order = options.order ?? perceived?.order ?? "channel";
  const { rule, parameters } = assemble(
    {
      layers: layers.map(denseLayer),
      base: own ?? rulePresets[preset],
      // Those of an export are known to the last bit, and may be given by more taps than a matrix shows.
      kernels:
        own && perceived && sameKernels(own.kernels, perceived.kernels) ? own.kernels : perceived?.kernels,
      order,
    },
    options,
  );
  const mapping = layers.flatMap((layer, i) => rowsOf(layer, i, i + 1 === layers.length, order));
  if (stack && perceived) {
    const taken = sameKernels(rule.kernels, perceived.kernels);
    const how = taken ? kernelsInWords(rule.kernels) : "not taken, since others are stated";
    mapping.push({ from: described(stack), to: "rule.kernels", how });
  }
  const known = { grid: DEFAULT_GRID, ...carried?.provenance, ...provenance };
  const model = { rule, parameters, provenance: known, ...(carried?.start && { start: carried.start }) };
  const notes = notesOn(model, own ? "the file's own rule" : `the preset ${preset}`);
  const guessed = !carried && options.order === undefined && perceived?.order === undefined;
  if (guessed && rule.kernels.length > 1) {
    notes.push(
      "The features of the perception are taken to lie channel by channel, as a depthwise convolution gives them. No shape tells: if nothing grows, try --order kernel.",
    );
  }
  if (otherLayout) {
    notes.push(`The weights fit either way round: if nothing grows, try --layout ${otherLayout}.`);
  }
  return { model, mapping, notes };
}

function onlyStack(stacks: readonly Stack[]): Stack | undefined {
  if (stacks.length < 2) return stacks[0];
  const names = stacks.slice(0, 2).map(({ name }) => quoteName(name));
  throw new FormatError(
    `the file holds several tensors of kernels, ${names.join(" and ")}, in no certain order; leave all but one out with --ignore, and state the others, as in --set 'rule.kernels=["identity","sobelX","sobelY"]'`,
  );
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
  order: FeatureOrder,
): Mapping[] {
  const done = [
    ...(layout === "out-in" ? ["transposed"] : []),
    ...(index === 0 && order === "kernel" ? ["rows by kernel to rows by channel"] : []),
  ];
  const weight = {
    from: described(matrix),
    to: `update.${index}.weight (${inputs}, ${outputs})`,
    how: done.join(", "),
  };
  if (bias) return [weight, { from: described(bias), to: `update.${index}.bias (${outputs},)`, how: "" }];
  const none = isLast
    ? { to: "rule.outputBias", how: "false" }
    : { to: `update.${index}.bias (${outputs},)`, how: "zeros" };
  return [weight, { from: "(no bias)", ...none }];
}

function described({ name, shape }: { name: string; shape: readonly number[] }): string {
  return `${printable(name)} ${shapeText(shape)}`;
}
