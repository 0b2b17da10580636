import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import { type Encoder, initialEncoder } from "../nets/encoder.ts";
import { initialParameters } from "../rule/parameters.ts";
import { splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { decodeModel, encodeModel, type Model } from "../model/model.ts";
import { playerHtml } from "./player.ts";
import { decodeSettings } from "./settings.ts";

const conventions = splitRule(picturePresets.distill);
const { rule } = conventions;
const model: Model = {
  ...conventions,
  parameters: initialParameters(rule, 1),
  provenance: { grid: [72, 72] },
};

const settings = { grid: [6, 4], channels: 1, features: [3], latent: 2 } as const;
const encoder: Encoder = { settings, parameters: initialEncoder(settings, 1) };
const conditional = { ...rule, inputSize: 2 };
const withInput: Model = {
  ...conventions,
  rule: conditional,
  parameters: initialParameters(conditional, 1),
  provenance: { grid: [20, 20] },
  encoder,
};

const playerOf =
  (options: object, of = withInput) =>
  () =>
    playerHtml(of, { title: "x", ...options });

function settingsOf(html: string) {
  return decodeSettings(/<script id="settings"[^>]*>([^<]*)<\/script>/.exec(html)![1]);
}

describe("playerHtml", () => {
  it("carries the model file", () => {
    const [, base64] = /<script id="model"[^>]*>\s*([^<]*?)\s*<\/script>/.exec(
      playerHtml(model, { title: "x" }),
    )!;
    const bytes = new Uint8Array(Buffer.from(base64, "base64"));
    expect(bytes).toEqual(encodeModel(model));
    expect(decodeModel(bytes)).toEqual(model);
  });

  it("says the title in letters, whatever they are", () => {
    const html = playerHtml(model, { title: `</title><script>"'&$&{{model}}` });
    const said = "&#60;/title&#62;&#60;script&#62;&#34;&#39;&#38;$&#38;{{model}}";
    expect(html).toContain(`<title>${said}</title>`);
    expect(html).toContain(`<h1>${said}</h1>`);
  });

  it("is one whole document that asks for nothing from elsewhere", () => {
    const html = playerHtml(model, { title: "Lizard" });
    // A background that an automaton paints is a picture of its own.
    expect(html).not.toMatch(
      /\{\{|<script[^>]+src=|<link(?! rel="icon" href="data:,")|@import|url\((?!"\$\{)/,
    );
    expect(html.match(/<script/g)).toHaveLength(3);
    expect(html.match(/<\/script/g)).toHaveLength(3);
    expect(html.match(/<\/style/g)).toHaveLength(1);
    expect(html).not.toContain("<!--");
  });

  it("is small", () => {
    const { length } = gzipSync(playerHtml({ ...model, parameters: new Float32Array(8336) }, { title: "x" }));
    expect(length).toBeLessThan(78_500);
  });

  it("carries how play begins: one seed in the middle, or what is asked for", () => {
    expect(settingsOf(playerHtml(model, { title: "x" }))).toEqual({
      title: "x",
      angle: 0,
      seeds: [[36, 36]],
      input: undefined,
      examples: [],
      graft: undefined,
    });
    const seeds = [
      [0, 71],
      [20, 5],
    ] as const;
    expect(settingsOf(playerHtml(model, { title: "x", angle: -33.5, seeds }))).toMatchObject({
      angle: -33.5,
      seeds,
    });
  });

  it("carries an encoder in half precision, an input and examples in bytes", () => {
    const examples = [new Float32Array(24).fill(0.2), Float32Array.from({ length: 24 }, (_, i) => i / 23)];
    const html = playerHtml(withInput, { title: "x", input: Float32Array.of(0.1, -2), examples });
    expect(settingsOf(html)).toMatchObject({
      input: Float32Array.of(0.1, -2),
      examples: [
        new Uint8Array(24).fill(51),
        Uint8Array.from({ length: 24 }, (_, i) => (255 * i) / 23 + 0.5),
      ],
    });
    const [, base64] = /<script id="model"[^>]*>\s*([^<]*?)\s*<\/script>/.exec(html)!;
    const carried = decodeModel(new Uint8Array(Buffer.from(base64, "base64")));
    expect(carried.parameters).toEqual(withInput.parameters);
    const { parameters } = carried.encoder!;
    expect(parameters).not.toEqual(encoder.parameters);
    // Halves keep 11 significant bits; below 2^-14 they are 2^-24 apart.
    for (const [i, value] of encoder.parameters.entries()) {
      expect(Math.abs(parameters[i] - value)).toBeLessThanOrEqual(
        Math.max(Math.abs(value) * 2 ** -11, 2 ** -25),
      );
    }
  });

  it("refuses an input or examples that do not fit", () => {
    const picture = new Float32Array(24);
    for (const [attempt, sentence] of [
      [playerOf({ input: new Float32Array(3) }), "the input has 3 numbers, but the model's rule takes 2"],
      [
        playerOf({ input: new Float32Array(1) }, model),
        "the input has 1 numbers, but the model's rule takes 0",
      ],
      [playerOf({ input: Float32Array.of(0, NaN) }), "the input holds NaN at position 1"],
      [
        playerOf({ examples: [picture] }, model),
        "examples are for a model with an encoder, and this one has none",
      ],
      [
        playerOf({ examples: Array.from({ length: 33 }, () => picture) }),
        "a page holds at most 32 examples, not 33",
      ],
      [
        playerOf({ examples: [picture, new Float32Array(25)] }),
        "example 1 has 25 numbers; the encoder takes 6 x 4 x 1",
      ],
      [playerOf({ examples: [picture.with(3, 1.5)] }), "example 0 holds 1.5; it must lie between 0 and 1"],
      [playerOf({ examples: [picture.with(3, NaN)] }), "example 0 holds NaN; it must lie between 0 and 1"],
    ] as const) {
      expect(attempt).toThrow(new RangeError(sentence));
    }
  });

  it("carries another model, in the step size of the first, and where it is grafted", () => {
    const parameters = initialParameters(rule, 2);
    const other: Model = { ...model, rule: { ...rule, stepSize: 2 }, parameters };
    const cells = new Uint8Array(72 * 72).fill(1, 1000, 3000);
    const title = "</script><!-- B";
    const html = playerHtml(model, { title: "A", graft: { model: other, title, cells } });
    const { graft } = settingsOf(html);
    expect(graft).toEqual({ model: { ...other, rule, parameters: graft!.model.parameters }, title, cells });
    // Weights of the last layer are 0 before training, and the others stay.
    expect(graft!.model.parameters).toEqual(parameters);
    expect(html).toContain("<h1>A + &#60;/script&#62;&#60;!-- B</h1>");
    expect(html.match(/<script/g)).toHaveLength(3);
    expect(html).not.toContain("<!--");
    const none = playerHtml(model, { title: "A", graft: { model: other, title } });
    expect(settingsOf(none).graft!.cells).toEqual(new Uint8Array(72 * 72));
  });

  it("refuses what does not fit the grid or the rule", () => {
    const far = [[3, 72]] as const;
    expect(() => playerHtml(model, { title: "x", seeds: far })).toThrow(
      new RangeError("the seed at row 3, column 72 lies outside the 72x72 grid"),
    );
    const graft = { model, title: "y" };
    for (const cells of [new Uint8Array(5), new Uint8Array(72 * 72).fill(2)]) {
      expect(() => playerHtml(model, { title: "x", graft: { ...graft, cells } })).toThrow(
        new RangeError("cells of a graft must be 72 x 72 numbers 0 or 1"),
      );
    }
    const cax = { ...model, ...splitRule(picturePresets.cax) };
    expect(() => playerHtml(model, { title: "x", graft: { model: cax, title: "y" } })).toThrow(
      "the models cannot share a grid: kernels is",
    );
  });

  it("refuses a model that no reader would take", () => {
    const parameters = new Float32Array(8336).fill(NaN);
    expect(() => playerHtml({ ...model, parameters }, { title: "x" })).toThrow(
      "tensor update.0.weight holds NaN at position 0",
    );
  });
});

describe("decodeSettings", () => {
  it.each([
    ["{", "its settings are damaged"],
    ["{}", "page.title is missing; it must be text"],
    [
      '{"title":"","angle":0,"seeds":[[1.5,0]],"input":null,"examples":[],"graft":null}',
      "page.seeds[0][0] is 1.5; it must be a whole number",
    ],
    [
      '{"title":"","angle":0,"seeds":[],"input":null,"examples":[],"graft":{"model":"!","title":"","cells":""}}',
      "its text is damaged",
    ],
    ['{"title":"","angle":0,"seeds":[],"input":null,"examples":["!"],"graft":null}', "its text is damaged"],
    [
      '{"title":"","angle":0,"seeds":[],"input":[0,"1"],"examples":[],"graft":null}',
      'page.input[1] is "1"; it must be a finite number',
    ],
  ])("refuses %s", (text, sentence) => {
    expect(() => decodeSettings(text)).toThrow(new FormatError(sentence));
  });
});
