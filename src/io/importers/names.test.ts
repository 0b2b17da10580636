import { describe, expect, it } from "vitest";
import { belongsTo, compareNames, layerName, nameParts } from "./names.ts";

describe("names of tensors", () => {
  it.each([
    ["net.0.weight", ["net", "0", "weight"]],
    ["update/layers/0/kernel", ["update", "layers", "0", "kernel"]],
    ["('update', 'layers', 0, 'kernel')", ["update", "layers", "0", "kernel"]],
    ["['update']['layers'][0]['kernel'].value", ["update", "layers", "0", "kernel"]],
    ["update.kernel.raw_value", ["update", "kernel"]],
    ["value", ["value"]],
    ["größe-2.weight", ["größe-2", "weight"]],
    ["", []],
  ])("are read by their parts: %s", (name, parts) => expect(nameParts(name)).toEqual(parts));

  it.each([
    ["net.0.weight", "net.0"],
    ["net/0/bias.value", "net.0"],
    ["dense/kernel", "dense"],
    ["fc1_weight", "fc1"],
    ["fc1_bias", "fc1"],
    ["w1", "1"],
    ["b1", "1"],
    ["W", ""],
    ["net.running_mean", "net.running_mean"],
    ["body.web", "body.web"],
  ])("say which layer they belong to: %s", (name, layer) => expect(layerName(name)).toBe(layer));

  it.each([
    ["encoder.fc.weight", "encoder", true],
    ["encoder/fc/kernel", "encoder.fc", true],
    ["encoder.fc.weight", "encoder.fc.weight", true],
    ["encoder.fc.weight", "enc", false],
    ["encoder.fc.weight", "fc", false],
    ["encoder.fc.weight", "", false],
    ["encoder", "encoder.fc", false],
  ])("belong to modules: %s, %s", (name, module, expected) => expect(belongsTo(name, module)).toBe(expected));

  it("are ordered by their numbers", () => {
    expect(["net.10.w", "net.9.w", "net.9.b", "a"].toSorted(compareNames)).toEqual([
      "a",
      "net.9.b",
      "net.9.w",
      "net.10.w",
    ]);
  });
});
