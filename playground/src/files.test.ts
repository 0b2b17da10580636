import { describe, expect, it } from "vitest";
import { resolveEvolutionConfig } from "../../src/experiments/evolution/evolution.ts";
import { resolveGrowingConfig } from "../../src/experiments/growing/config.ts";
import { encodeModel, type Model } from "../../src/model/model.ts";
import { playerHtml } from "../../src/player/player.ts";
import { initialParameters } from "../../src/rule/parameters.ts";
import { splitRule } from "../../src/model/pictureRule.ts";
import { picturePresets } from "../../src/model/presets.ts";
import { openFile, openText } from "./files.ts";
import { encodeLink } from "./link.ts";

const conventions = splitRule(picturePresets.distill);
const { rule } = conventions;
const model: Model = {
  ...conventions,
  parameters: initialParameters(rule, 1),
  provenance: { grid: [20, 20], target: "🦎 lizard" },
};
const picture = { width: 4, height: 4, data: new Uint8Array(64) };
const open = (content: BlobPart, name: string) => openFile(new Blob([content]), name, async () => picture);

describe("openFile", () => {
  it("takes a model, whatever it is called", async () => {
    const opened = await open(encodeModel(model), "anything.bin");
    expect(opened).toMatchObject({
      kind: "model",
      title: "🦎 lizard",
      model: { rule, provenance: model.provenance },
    });
    expect(opened.kind === "model" && opened.model.parameters).toEqual(model.parameters);
  });

  it("takes the model out of a player", async () => {
    const page = playerHtml(model, { title: "A <lizard>" });
    const opened = await open(page, "player.html");
    expect(opened).toMatchObject({
      kind: "model",
      title: "A <lizard>",
      model: { provenance: model.provenance },
    });
    expect(opened.kind === "model" && opened.model.parameters).toEqual(model.parameters);
  });

  it("takes configurations, of a run or parts", async () => {
    const config = resolveGrowingConfig({
      recipe: "growing",
      overrides: { seed: 4, target: { source: "🦋" } },
    });
    const facts = { version: "0.1.0", engine: {}, picture: {}, experiment: "grow" };
    expect(await open(JSON.stringify({ ...facts, ...config }), "config.json")).toEqual({
      kind: "config",
      title: "config",
      experiment: "grow",
      config,
    });
    const part = await open('{"recipe":"regenerating","target":{"size":24}}', "mine.json");
    expect(part).toMatchObject({ config: { recipe: "regenerating", target: { size: 24 } } });
    const other = await open('{"experiment":"evolve","preset":"cax-es","seed":2}', "other.json");
    const evolution = resolveEvolutionConfig({ preset: "cax-es", overrides: { seed: 2 } });
    expect(other).toMatchObject({ experiment: "evolve", config: evolution });
  });

  it("takes pictures and links", async () => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10);
    expect(await open(png, "cat.png")).toEqual({ kind: "picture", title: "cat.png", picture });
    const { fragment } = encodeLink({ title: "content", model });
    expect(await open(`[InternetShortcut]\nURL=https://example.org/${fragment}`, "a.url")).toMatchObject({
      kind: "link",
      content: { title: "content", model: { rule } },
    });
    expect(openText(`https://example.org/${fragment}`)).toMatchObject({ kind: "link", title: "content" });
  });

  it("says in one sentence why it has no use for anything else", async () => {
    const bytes = encodeModel(model);
    const large = encodeModel({ ...model, provenance: { grid: [5000, 5000] } });
    const cases: [BlobPart, string, RegExp][] = [
      ["just some notes", "notes.txt", /^notes\.txt: neither a picture, .* nor a link of this page$/],
      ["", "empty.png", /^empty\.png: the file is empty$/],
      [bytes.subarray(0, 2000), "model.safetensors", /^model\.safetensors: truncated safetensors file/],
      [
        bytes.subarray(0, 9),
        "model.safetensors",
        /^model\.safetensors: the model is damaged or was cut short$/,
      ],
      [large, "model.safetensors", /5000 x 5000 cells/],
      ["<!doctype html><p>hello", "page.html", /^page\.html: this page is not a player\.html/],
      [
        playerHtml(model, { title: "t" }).replace(/(id="model"[^>]*>\s*)..../, "$1!!!!"),
        "player.html",
        /^player\.html: .*damaged/,
      ],
      ["{", "config.json", /^config\.json: a configuration is JSON, and this is not$/],
      ['{"seed":-1}', "config.json", /^config\.json: seed is -1; it must be at least 0$/],
      ['{"recipe":"eternal"}', "config.json", /^config\.json: recipe is "eternal"; it must be/],
      ['{"experiment":"knit"}', "config.json", /is for neoblast knit, which this page does not train/],
      ["#n1=AAAA", "link.txt", /^link\.txt: this link is damaged/],
    ];
    for (const [content, name, message] of cases) await expect(open(content, name)).rejects.toThrow(message);
    expect(() => openText("hello")).toThrow("no link that carries an automaton");
  });
});
