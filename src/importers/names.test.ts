import { describe, expect, it } from "vitest";
import {
  belongsTo,
  compareNames,
  isOptimizers,
  layerName,
  isCalledKernel,
  nameParts,
  placeOf,
  saysRole,
} from "./names.ts";

describe("names of tensors", () => {
  it.each([
    ["net.0.weight", ["net", "0", "weight"]],
    ["update/layers/0/kernel", ["update", "layers", "0", "kernel"]],
    ["('update', 'layers', 0, 'kernel')", ["update", "layers", "0", "kernel"]],
    ["['update']['layers'][0]['kernel'].value", ["update", "layers", "0", "kernel"]],
    ["update.kernel.raw_value", ["update", "kernel"]],
    ["value", ["value"]],
    ["conv2d/kernel:0", ["conv2d", "kernel"]],
    ["net/layer_with_weights-0/bias/.ATTRIBUTES/VARIABLE_VALUE", ["net", "layer_with_weights-0", "bias"]],
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
    ["w_1", "_1"],
    ["b_1", "_1"],
    ["W_hidden", "hidden"],
    ["b_hidden", "hidden"],
    ["conv1_w", "conv1"],
    ["conv1_b", "conv1"],
    ["cell/~/linear_1/w", "cell.linear_1"],
    ["weights.0", "0"],
    ["biases.0", "0"],
    ["kernels_0", "_0"],
    ["biases_0", "_0"],
    ["conv2d_1/bias:0", "conv2d_1"],
    ["W", ""],
    ["net.running_mean", "net.running_mean"],
    ["body.web", "body.web"],
  ])("say which layer they belong to: %s", (name, layer) => expect(layerName(name)).toBe(layer));

  it.each([
    ["arr_0", { series: "arr_", place: 0 }],
    ["12", { series: "", place: 12 }],
    ["layers/conv2d/vars/1", { series: "layers.conv2d.vars.", place: 1 }],
    ["param7:0", { series: "param", place: 7 }],
    ["bias", undefined],
  ])("number a series: %s", (name, place) => expect(placeOf(name)).toEqual(place));

  it.each([
    ["Adam/conv2d/kernel/m:0", true],
    ["Adam/v/conv2d/kernel:0", true],
    ["adam/sequential_conv2d_kernel_momentum", true],
    ["conv2d/kernel/Adam_1", true],
    ["conv2d/kernel/Momentum", true],
    ["optimizer/vars/2", true],
    ["optimizer_weights/adam/iteration", true],
    ["kernel/.OPTIMIZER_SLOT/optimizer/m/.ATTRIBUTES/VARIABLE_VALUE", true],
    ["opt_state/0/mu/kernel", true],
    ["beta1_power:0", true],
    ["global_step", true],
    ["iteration:0", true],
    ["conv2d/kernel:0", false],
    ["madam.weight", false],
    ["optic.weight", false],
    ["momentum", false],
  ])("say whether they are an optimiser's: %s", (name, expected) =>
    expect(isOptimizers(name)).toBe(expected),
  );

  it.each([
    ["encoder.fc.weight", "encoder", true],
    ["encoder/fc/kernel", "encoder.fc", true],
    ["encoder.fc.weight", "encoder.fc.weight", true],
    ["encoder.fc.weight", "enc", false],
    ["encoder.fc.weight", "fc", false],
    ["encoder.fc.weight", "", false],
    ["encoder", "encoder.fc", false],
  ])("belong to modules: %s, %s", (name, module, expected) => expect(belongsTo(name, module)).toBe(expected));

  // Where the time grew with the square, this would take minutes.
  it.each(["0", ":", "w_", "weights", "a:1", "(("])("are read in linear time: %s and on", (part) => {
    const name = `${part.repeat(100_000)}x`;
    for (const read of [layerName, placeOf, isOptimizers, saysRole, isCalledKernel]) read(name);
  });

  it("are ordered by their numbers", () => {
    const names = [
      "a",
      "a.1",
      "conv/bias:0",
      "conv/kernel:0",
      "conv_1/bias:0",
      "net.9.b",
      "net.9.w",
      "net.10.w",
    ];
    expect(names.toReversed().toSorted(compareNames)).toEqual(names);
    expect(names.toSorted(compareNames)).toEqual(names);
  });
});
