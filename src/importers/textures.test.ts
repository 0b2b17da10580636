import { encode } from "fast-png";
import { describe, expect, it } from "vitest";
import { referenceEngine } from "../engine/reference/engine.ts";
import { FormatError, UserError } from "../errors.ts";
import { toBase64 } from "../formats/base64.ts";
import { startState } from "../model/start.ts";
import { importTextures } from "./textures.ts";

/** Channels, hidden units and models, fewer than the article's. */
const [C, H, MODELS] = [4, 4, 3];
const SHAPES = [
  [4 * C + 1, H],
  [H + 1, C],
] as const;
const SCALES = [3, 0.6];

/** What a layer of a model says: whole numbers from 0 to 254. */
const byteOf = (place: number, model: number, row: number, column: number) =>
  (place * 101 + model * 57 + row * 29 + column * 83 + row * column * 7) % 255;
const numberOf = (place: number, model: number, row: number, column: number) =>
  ((byteOf(place, model, row, column) - 127) / 255) * SCALES[place];

/** Two models side by side, and one below them. */
function layer(n: number) {
  const [rows, outputs] = SHAPES[n];
  const width = 2 * (outputs / 4);
  const data = new Uint8Array(2 * rows * width * 4);
  for (let model = 0; model < MODELS; model++) {
    for (let r = 0; r < rows; r++) {
      for (let o = 0; o < outputs; o++) {
        const at = (Math.floor(model / 2) * rows + r) * width * 4 + (model % 2) * outputs + o;
        data[at] = byteOf(n, model, r, o);
      }
    }
  }
  const png = encode({ width, height: 2 * rows, data, channels: 4 });
  return {
    scale: SCALES[n],
    data: `data:image/PNG;base64,${toBase64(png)}`,
    shape: [rows, outputs],
    layout: [2, 2],
    quant_scale_zero: [2, 0],
  };
}

const file = (changes: object = {}) =>
  new TextEncoder().encode(
    JSON.stringify({
      model_names: ["some/dots", "some/bricks", "other/dots"],
      layers: [layer(0), layer(1)],
      ...changes,
    }),
  );

const clip = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** The article's step, of one cell on a torus of one: all kernels but the identity see nothing. */
function alone(model: number, x: readonly number[]): number[] {
  const hidden = Array.from({ length: H }, (_, j) =>
    clip(
      x.reduce((sum, value, c) => sum + value * numberOf(0, model, c, j), numberOf(0, model, 4 * C, j)),
      0,
      2,
    ),
  );
  return x.map((value, c) =>
    clip(
      hidden.reduce((sum, h, j) => sum + h * numberOf(1, model, j, c), value + numberOf(1, model, H, c)),
      -2,
      2,
    ),
  );
}

const fault = (bytes: Uint8Array, model?: string) => {
  try {
    importTextures(bytes, { model });
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("it was imported");
};

describe("importTextures", () => {
  it.each(["bricks", "other/dots"])("steps as the article's automaton does: %s", async (name) => {
    const { model, mapping } = importTextures(file(), {
      model: name,
      sets: ["rule.fireRate=1", "rule.seed.noise=0"],
    });
    expect(mapping.map(({ to }) => to)).toEqual(["update.0", "update.1"]);
    expect(model.rule.hidden).toEqual([2 * H + 2 * C, 4 * C]);
    expect(model.provenance).toMatchObject({ target: name.split("/").at(-1), match: "texture" });
    const start = startState(model, [1, 1]);
    expect([...start]).toEqual([0.5, 0.5, 0.5, 0]);
    const theirs = [[0, 0, 0, 0]];
    for (let step = 0; step < 2; step++) theirs.push(alone(name === "bricks" ? 1 : 2, theirs.at(-1)!));
    const { final } = await referenceEngine().rollout({
      rule: model.rule,
      parameters: model.parameters,
      grid: [1, 1],
      states: [start],
      steps: 2,
      seed: 0,
    });
    const ours = await final[0].read();
    theirs[2].forEach((value, c) => expect(ours[c]).toBeCloseTo(value / 2 + (c < 3 ? 0.5 : 0), 5));
  });

  it("holds states and hidden units within their bounds", async () => {
    const { model } = importTextures(file(), { model: "bricks", sets: ["rule.fireRate=1"] });
    const x = [40, -30, 0, 1.9];
    const expected = alone(1, x);
    expect(expected.slice(0, 2)).toEqual([2, -2]);
    const { final } = await referenceEngine().rollout({
      rule: model.rule,
      parameters: model.parameters,
      grid: [1, 1],
      states: [Float32Array.from(x, (value, c) => value / 2 + (c < 3 ? 0.5 : 0))],
      steps: 1,
      seed: 0,
    });
    const ours = await final[0].read();
    expected.forEach((value, c) => expect(ours[c]).toBeCloseTo(value / 2 + (c < 3 ? 0.5 : 0), 5));
  });

  it("reads a Laplacian that is twice ours, and rows by kernel", () => {
    const { model } = importTextures(file(), { model: "bricks" });
    const hidden = 2 * H + 2 * C;
    for (const [kernel, factor] of [2, 2, 2, 4].entries()) {
      for (let c = 0; c < C; c++) {
        const ours = model.parameters[(c * 4 + kernel) * hidden + 1];
        expect(ours).toBeCloseTo(factor * numberOf(0, 1, kernel * C + c, 1), 5);
      }
    }
  });

  it.each([
    ["no JSON", new TextEncoder().encode("{"), "it is not JSON"],
    ["another file", file({ layers: [layer(0)] }), "no file of published textures: "],
    [
      "no picture",
      file({ layers: [{ ...layer(0), data: "data:image/png;base64,AAAA" }, layer(1)] }),
      "layers[0].data is no PNG",
    ],
    [
      "another size",
      file({ layers: [{ ...layer(0), layout: [2, 1] }, layer(1)] }),
      "layers[0].data is a picture of 2 x 34",
    ],
    [
      "too few",
      file({ layers: [{ ...layer(0), layout: [1, 1] }, layer(1)] }),
      "layers[0].layout has room for 1 models",
    ],
    ["layers that do not fit", file({ layers: [layer(0), layer(0)] }), "the layers take 16 and 16 numbers"],
  ])("refuses %s in one sentence", (_, bytes, sentence) => {
    const error = fault(bytes, "bricks");
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(sentence);
  });

  it("asks which model, and says which there are", () => {
    expect(fault(file())).toMatchObject({
      exitCode: 2,
      message: "name one of its 3 models with --model: dots, bricks, dots",
    });
    expect(fault(file(), "dots").message).toMatch(/^2 models of the file end with "dots"; name one/);
    expect(fault(file(), "ots").message).toMatch(/^no model of the file ends with "ots"; name one/);
  });
});
