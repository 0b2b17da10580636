import { graftParameters } from "../model/graft.ts";
import type { Plane } from "../rule/grid.ts";
import { checkPlace } from "../model/seed.ts";
import { toBase64 } from "../formats/base64.ts";
import { picturesPage } from "./generated/pictures.ts";
import { playerPage } from "./generated/player.ts";
import { type Model, encodeModel, modelPlane } from "../model/model.ts";
import { asPlane } from "../model/rows.ts";
import { escapeHtml, fillPage } from "../formats/page.ts";
import { type PlayerGraft, encodeSettings } from "./settings.ts";

/** What a page that plays a model shows. */
export type PlayerOptions = Readonly<{
  /** What the model is called: heading of the page, and its name in the browser. */
  title: string;
  /** A guest model of the same rule: cells can be made to run it while the first one plays. */
  graft?: Readonly<{
    model: Model;
    title: string;
    /** Shape (H, W) of the first model's grid: 1 for cells that run the guest at first. Default: none. */
    cells?: Uint8Array;
  }>;
  /** Degrees by which cells are turned at first, counter-clockwise; default 0. */
  angle?: number;
  /** [row, column] of each place around which the model's seeds are planted at first; default: the middle of the grid. */
  seeds?: readonly (readonly [number, number])[];
  /**
   * The input of cells at first, length `rule.inputSize`. Default: the first goal; or what the encoder makes of the
   * first example; or `provenance.latent.mean`; or zeros.
   */
  input?: Float32Array;
  /** Pictures for the model's encoder to choose from: shape (H, W, K) each, numbers from 0 to 1. At most 32. */
  examples?: readonly Float32Array[];
}>;

const MAX_EXAMPLES = 32;

/**
 * A web page that plays a model: one file without a dependency, which also opens from disk. It carries the model file
 * (`encodeModel`, an encoder in half precision) in base64 in the element `#model`, and the other options in `#settings`.
 *
 * @throws FormatError for a model that cannot be encoded; RangeError for a graft that does not fit (`graftParameters`),
 *   for cells or seeds that are not on the grid, or for an input or examples that do not fit the model.
 *
 * @example
 * ```ts
 * import { writeFile } from "node:fs/promises";
 * import { playerHtml } from "neoblast";
 * import { loadModel } from "neoblast/node";
 *
 * const page = playerHtml(await loadModel("lizard.safetensors"), { title: "Lizard" });
 * console.log(page.slice(0, 15)); // <!doctype html>
 * await writeFile("lizard.html", page);
 * ```
 */
export function playerHtml(
  given: Model,
  { title, graft, angle = 0, seeds, input, examples = [] }: PlayerOptions,
): string {
  const model = asPlane(given);
  const grid = modelPlane(model, title);
  const centre = [grid[0] >> 1, grid[1] >> 1] as const;
  for (const place of seeds ?? []) checkPlace(place, grid);
  if (input) checkInput(input, model.rule.inputSize);
  checkExamples(examples, model);
  const grafted = graft && fitGraft(model, graft, grid);
  const heading = graft ? `${title} + ${graft.title}` : title;
  return fillPage(playerPage, {
    title: escapeHtml(heading),
    pictures: model.encoder ? picturesPage : "",
    settings: encodeSettings({
      title,
      angle,
      seeds: seeds ?? [centre],
      input,
      examples: examples.map((picture) => Uint8Array.from(picture, (value) => Math.round(value * 255))),
      graft: grafted,
    }),
    model: toBase64(encodeModel(model, { halfEncoder: true })),
  });
}

function checkInput(input: Float32Array, size: number): void {
  if (input.length !== size) {
    throw new RangeError(`the input has ${input.length} numbers, but the model's rule takes ${size}`);
  }
  const fault = input.findIndex((value) => !Number.isFinite(value));
  if (fault >= 0) throw new RangeError(`the input holds ${input[fault]} at position ${fault}`);
}

function checkExamples(examples: readonly Float32Array[], { encoder }: Model): void {
  if (examples.length === 0) return;
  if (!encoder) throw new RangeError("examples are for a model with an encoder, and this one has none");
  if (examples.length > MAX_EXAMPLES) {
    throw new RangeError(`a page holds at most ${MAX_EXAMPLES} examples, not ${examples.length}`);
  }
  const { grid, channels } = encoder.settings;
  for (const [i, picture] of examples.entries()) {
    if (picture.length !== grid[0] * grid[1] * channels) {
      throw new RangeError(
        `example ${i} has ${picture.length} numbers; the encoder takes ${grid.join(" x ")} x ${channels}`,
      );
    }
    const fault = picture.find((value) => !(value >= 0 && value <= 1));
    if (fault !== undefined) throw new RangeError(`example ${i} holds ${fault}; it must lie between 0 and 1`);
  }
}

/** The guest with the rule of the host. */
function fitGraft(
  host: Model,
  { model, title, cells }: NonNullable<PlayerOptions["graft"]>,
  [height, width]: Plane,
): PlayerGraft {
  const parameters = graftParameters(host, model);
  const membership = cells ?? new Uint8Array(height * width);
  if (membership.length !== height * width || membership.some((cell) => cell > 1)) {
    throw new RangeError(`cells of a graft must be ${height} x ${width} numbers 0 or 1`);
  }
  // Cells of both models get the same input, by the encoder of the host.
  const { rule, readout, start } = host;
  const guest = { rule, readout, start, parameters, provenance: model.provenance };
  return { model: guest, title, cells: membership };
}
