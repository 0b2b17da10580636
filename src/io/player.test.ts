import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import { initialParameters } from "../rule/parameters.ts";
import { rulePresets } from "../rule/presets.ts";
import { decodeModel, encodeModel, type Model } from "./model.ts";
import { playerHtml } from "./player.ts";
import { decodeSettings } from "./playerSettings.ts";

const rule = rulePresets.distill;
const model: Model = { rule, parameters: initialParameters(rule, 1), provenance: { grid: [72, 72] } };

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
    expect(html).not.toMatch(/\{\{|<script[^>]+src=|<link(?! rel="icon" href="data:,")|@import|url\(/);
    expect(html.match(/<script/g)).toHaveLength(3);
    expect(html.match(/<\/script/g)).toHaveLength(3);
    expect(html.match(/<\/style/g)).toHaveLength(1);
    expect(html).not.toContain("<!--");
  });

  it("is small", () => {
    const { length } = gzipSync(playerHtml({ ...model, parameters: new Float32Array(8336) }, { title: "x" }));
    expect(length).toBeLessThan(43_000);
  });

  it("carries how play begins: one seed in the middle, or what it is told", () => {
    expect(settingsOf(playerHtml(model, { title: "x" }))).toEqual({
      title: "x",
      angle: 0,
      seeds: [[36, 36]],
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
    const cax = { ...model, rule: rulePresets.cax };
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
      '{"title":"","angle":0,"seeds":[[1.5,0]],"graft":null}',
      "page.seeds[0][0] is 1.5; it must be a whole number",
    ],
    ['{"title":"","angle":0,"seeds":[],"graft":{"model":"!","title":"","cells":""}}', "its text is damaged"],
  ])("refuses %s", (text, sentence) => {
    expect(() => decodeSettings(text)).toThrow(new FormatError(sentence));
  });
});
