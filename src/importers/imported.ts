/** The options of an import, and its result. */
import { FormatError } from "../errors.ts";
import type { PicturePreset } from "../model/presets.ts";
import type { Start } from "../model/start.ts";
import type { Plane } from "../rule/grid.ts";
import type { Kernel, Rule } from "../rule/rule.ts";
import type { Layout } from "../exporters/interchange.ts";
import type { PictureModel, Provenance } from "../model/model.ts";
import type { FeatureOrder } from "./perception.ts";
import { kernelInWords } from "./stencils.ts";

/** What a file does not say. */
export type ImportOptions = Readonly<{
  /** Name of the file, which may say more than its bytes. */
  fileName?: string | undefined;
  /** Conventions of the rule, where the file does not say; its own default for each format. */
  preset?: PicturePreset | undefined;
  /** Any part of `{ rule }`, which wins over the preset and what the file says of its kernels. */
  overrides?: unknown;
  /** Settings as `rule.fireRate=1`, which win over everything else, the last one first. */
  sets?: readonly string[] | undefined;
  /** Grid and picture; default: those in an export of ours, or else a grid of 72 x 72 as in the article. */
  provenance?: Partial<Provenance> | undefined;
}>;

/** What a file of named tensors may leave open. */
export type TensorImportOptions = ImportOptions &
  Readonly<{
    /** Names of the layers in their order; default: the order of their names or shapes. */
    layers?: readonly string[] | undefined;
    /** Order of the perceived features; default: as the file's kernels lie, or else either (`Reading`). */
    order?: FeatureOrder | undefined;
    /** Layout of weights whose shape fits both; default: whichever fits the layers. */
    layout?: Layout | undefined;
    /** Names of tensors, or of modules with all that belongs to them, that are no part of the automaton. */
    ignore?: readonly string[] | undefined;
  }>;

/** A tensor of the file, and what became of it. */
export type Mapping = Readonly<{
  /** Name and shape. */
  from: string;
  to: string;
  /** What was done on the way; "" for nothing. */
  how: string;
}>;

/** In cells, as in the article: where nothing says what grid a model is for. */
export const DEFAULT_GRID: Plane = [72, 72];

/** A model from elsewhere, and how it was read. */
export type Imported = Readonly<{
  model: PictureModel;
  mapping: readonly Mapping[];
  /** Whole sentences: what was assumed, and how to say otherwise. */
  notes: readonly string[];
}>;

/** One way to read a file that leaves something open. */
export type Reading = Imported &
  Readonly<{
    /** How it differs from the others, in words. */
    text: string;
    /** Whether even its kernels are a guess, so that it is not to be taken unless it is seen to live. */
    isGuess: boolean;
    /** Whether its rule is the file's own, of an export of ours. */
    isOwn: boolean;
  }>;

/**
 * The first of several readings, with a note on the others.
 *
 * @throws FormatError where its kernels are a guess.
 */
export function likeliest(readings: readonly Reading[]): Imported {
  const [first, ...others] = readings;
  const { isGuess, isOwn: _isOwn, text, ...imported } = first;
  if (isGuess) {
    const { channels, kernels } = imported.model.rule;
    throw new FormatError(
      `the first layer takes ${kernels.length * channels} numbers, of ${kernels.length} kernels on ${channels} channels, and the file does not say which; state them, as in --set 'rule.kernels=["identity","sobelX","sobelY","laplacian"]', whose Laplacian is the 9-point one divided by 16; docs/import.md has taps for others`,
    );
  }
  if (others.length === 0) return imported;
  const ways = others.slice(0, 3).map((other) => other.text);
  const note = `It was read as ${text}, which the file does not say; it may as well be ${ways.join("; ")}${others.length > 3 ? "; and so on" : ""}: say which with --order, --layout, --preset or --set rule.kernels.`;
  return { ...imported, notes: [...imported.notes, note] };
}

/** An import in words, several lines: the mapping as a table, then the notes. */
export function describeImport({ mapping, notes }: Imported): string {
  const width = (column: "from" | "to") => Math.max(...mapping.map((row) => row[column].length));
  const [from, to] = [width("from"), width("to")];
  const rows = mapping.map((row) =>
    `${row.from.padEnd(from)}  ->  ${row.to.padEnd(to)}  ${row.how}`.trimEnd(),
  );
  return [...rows, ...notes].join("\n");
}

/** What an imported automaton is like: what the file says, and what it does not. @param source of the conventions. */
export function notesOn(model: PictureModel, source: string): string[] {
  const { rule, provenance } = model;
  const { grid, target } = provenance;
  return [
    `The automaton: ${sizeInWords(rule)}.`,
    `Its grid: ${grid.join(" x ")} cells${target === undefined ? "" : `, for ${target}`}.`,
    `Its conventions, from ${source}: ${conventionsInWords(model)}. Change them with --set, as in --set rule.fireRate=1.`,
  ];
}

export function kernelsInWords(kernels: readonly Kernel[]): string {
  return kernels.map(kernelInWords).join(", ");
}

function sizeInWords({ channels, kernels, perceive, hidden, inputSize }: Rule): string {
  const layers = hidden.length > 0 ? `hidden layers of ${hidden.join(", ")}` : "no hidden layer";
  const input = inputSize > 0 ? `, an input of ${inputSize}` : "";
  const seen =
    perceive?.kind === "depthwise"
      ? `${perceive.kernels} kernels of ${perceive.size}x${perceive.size} cells for each channel`
      : `${perceive ? "one of " : ""}kernels ${kernelsInWords(kernels)}${perceive ? " for each channel, and magnitudes" : ""}`;
  return `${channels} channels, ${seen}, ${layers}${input}`;
}

/** Conventions in words, which no tensor shows. */
function conventionsInWords({ rule, readout, start }: PictureModel): string {
  const { alive, boundary, fireRate, stepSize } = rule;
  const { offset, channels } = readout;
  const kind = { 1: "grey", 3: "RGB", 4: "RGBA" }[channels];
  const place = channels === 1 ? `channel ${offset}` : `channels ${offset} to ${offset + channels - 1}`;
  const masks = { both: "before and after the update", after: "after the update", none: undefined }[
    alive.mask
  ];
  return [
    `${kind} in ${place}${readout.premultiplied ? ", premultiplied" : ", not premultiplied"}`,
    seedInWords(start),
    masks ? `alive where channel ${alive.channel} exceeds ${alive.threshold}, ${masks}` : "no alive mask",
    `boundary ${boundary}`,
    `fire rate ${fireRate}`,
    `step size ${stepSize}`,
  ].join("; ");
}

function seedInWords({ seeds, cell: { from, to, colours, noise = 0, ground = 0 } }: Start): string {
  if (seeds.length === 0) {
    const begun = [...(ground === 0 ? [] : [`colours of ${ground}`]), ...(noise === 0 ? [] : ["noise"])];
    return `no seed${begun.length > 0 ? `, starts from ${begun.join(" and ")}` : ""}`;
  }
  const channels = to - from === 1 ? `channel ${from}` : `channels ${from} to ${to - 1}`;
  return `seed ${channels}${colours === false ? " without the colours" : ""}`;
}
