/** Model files of version 0.1.0, of format 1: those of the gallery, of runs, and the pretrained automaton. All are read. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { isPretrained, pretrainedParameters } from "../src/experiments/growing/pretrained.ts";
import { decodeSafetensors } from "../src/formats/safetensors.ts";
import { decodeModel, encodeModel } from "../src/model/model.ts";
import { joinRule, splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import { parameterCount } from "../src/rule/parameters.ts";

const root = new URL("../", import.meta.url);
/** Those of the gallery that were trained later, in format 2. */
const LATER = ["becoming", "classify", "complete", "denoise", "digits", "puzzle"].map(
  (name) => `${name}.safetensors`,
);
const gallery = readdirSync(new URL("playground/public/gallery/", root))
  .filter((name) => name.endsWith(".safetensors") && !LATER.includes(name))
  .map((name) => `playground/public/gallery/${name}`);
const runs = ["grow", "evolve", "digits", "reinforce"].map(
  (name) => `test/golden/runs/${name}/model.safetensors`,
);

it("finds the gallery", () => expect(gallery.length).toBeGreaterThan(4));

/** Of the gallery once, with an encoder in half precision. */
const digits = "test/golden/models/digits-half.safetensors";

it.each([...gallery, ...runs, digits, "src/experiments/growing/pretrained.safetensors"])("%s", (path) => {
  const bytes = readFileSync(new URL(path, root));
  const entry = JSON.parse(decodeSafetensors(bytes).metadata.neoblast);
  expect(entry.format).toBe(1);
  const model = decodeModel(bytes);
  const { rule, readout, start, parameters, provenance } = model;
  expect({ rule, readout, start }).toEqual(splitRule(entry.rule, entry.start?.seeds));
  expect(provenance).toMatchObject({ grid: entry.provenance.grid });
  expect(parameters).toHaveLength(parameterCount(rule));
  // Written again, in format 2, it is the same model.
  const again = encodeModel(model);
  expect(JSON.parse(decodeSafetensors(again).metadata.neoblast)).toMatchObject({
    format: 2,
    rule,
    readout,
    start,
  });
  expect(decodeModel(again)).toEqual(model);
});

it("the pretrained automaton is known by its rule, its picture and its seed", () => {
  expect(isPretrained(picturePresets.distill)).toBe(true);
  const straight = { ...picturePresets.distill.image, premultiplied: false };
  expect(isPretrained({ ...picturePresets.distill, image: straight })).toBe(false);
  expect(isPretrained({ ...picturePresets.distill, seed: { from: 4, to: 16 } })).toBe(false);
  const { rule } = splitRule(picturePresets.distill);
  expect(pretrainedParameters()).toHaveLength(parameterCount(rule));
  expect(joinRule(splitRule(picturePresets.distill))).toEqual(picturePresets.distill);
});
