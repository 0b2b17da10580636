import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { initialParameters } from "../rule/parameters.ts";
import { rulePresets } from "../rule/presets.ts";
import { decodeModel, encodeModel, type Model } from "./model.ts";
import { playerHtml } from "./player.ts";

const rule = rulePresets.distill;
const model: Model = { rule, parameters: initialParameters(rule, 1), provenance: { grid: [72, 72] } };

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
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script/g)).toHaveLength(2);
    expect(html.match(/<\/style/g)).toHaveLength(1);
    expect(html).not.toContain("<!--");
  });

  it("is small", () => {
    const { length } = gzipSync(playerHtml({ ...model, parameters: new Float32Array(8336) }, { title: "x" }));
    expect(length).toBeLessThan(38_000);
  });

  it("refuses a model that no reader would take", () => {
    const parameters = new Float32Array(8336).fill(NaN);
    expect(() => playerHtml({ ...model, parameters }, { title: "x" })).toThrow(
      "tensor update.0.weight holds NaN at position 0",
    );
  });
});
