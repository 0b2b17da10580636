import { describe, expect, it } from "vitest";
import { type PictureRule, splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { classColour } from "./classColours.ts";
import { stateRaster, targetRaster } from "./rgba.ts";

const { distill, cax } = picturePresets;
const grey: PictureRule = {
  ...distill,
  channels: 2,
  image: { offset: 1, channels: 1, premultiplied: false },
};
const rgb: PictureRule = { ...distill, channels: 3, image: { offset: 0, channels: 3, premultiplied: false } };

/** One cell of a rule whose picture has these values. */
function cell(rule: PictureRule, values: number[]): Float32Array {
  const state = new Float32Array(rule.channels).fill(0.7);
  state.set(values, rule.image.offset);
  return state;
}
const pixel = (rule: PictureRule, values: number[], background?: [number, number, number]) => [
  ...stateRaster(cell(rule, values), splitRule(rule), [1, 1], background ? { background } : {}).data,
];

describe("stateRaster", () => {
  it("divides premultiplied colours by alpha", () => {
    expect(pixel(distill, [0.25, 0.5, 0, 0.5])).toEqual([128, 255, 0, 128]);
    expect(pixel(distill, [0.25, 0.5, 0, 0.5], [255, 255, 255])).toEqual([191, 255, 128, 255]);
  });

  it("takes straight colours as they are, from where the rule has them", () => {
    expect(pixel(cax, [0.2, 0.4, 1, 0.5])).toEqual([51, 102, 255, 128]);
    expect(pixel(cax, [0.2, 0.4, 1, 0.5], [0, 0, 100])).toEqual([26, 51, 178, 255]);
  });

  it("draws rules without alpha opaque, on any background", () => {
    expect(pixel(grey, [0.4])).toEqual([102, 102, 102, 255]);
    expect(pixel(rgb, [0.2, 0.4, 0.6], [9, 9, 9])).toEqual([51, 102, 153, 255]);
  });

  it("gives a cell the colour of the class that it names, as bright as it is", () => {
    const classes = { offset: 1, count: 2 };
    const view = (image: PictureRule["image"], values: number[]) => [
      ...stateRaster(
        Float32Array.from(values),
        { rule: { channels: values.length }, readout: { ...image, classes } },
        [1, 1],
      ).data,
    ];
    const one = { offset: 0, channels: 1, premultiplied: false } as const;
    const whole = view(one, [1, 0.2, 0.4]);
    expect(whole).toEqual([...classColour(1), 255]);
    expect(view(one, [0.2, 0.9, 0.4])).toEqual([
      ...classColour(0).map((value) => Math.round(value / 5)),
      255,
    ]);
    // Who names none is grey.
    expect(view(one, [0.4, 0, 0])).toEqual([102, 102, 102, 255]);
    const four = { offset: 3, channels: 4, premultiplied: false } as const;
    expect(view(four, [0, -1, -2, 0.3, 0.3, 0.3, 0.6])).toEqual([...classColour(0), 153]);
  });

  it("clamps what an automaton overshoots, colours to alpha too", () => {
    expect(pixel(cax, [-1, 2, NaN, 3])).toEqual([0, 255, 0, 255]);
    expect(pixel(distill, [9, -1, NaN, 0.2], [0, 0, 0])).toEqual([51, 0, 0, 255]);
    expect(pixel(distill, [0.9, 0.9, 0.9, -0.1])).toEqual([0, 0, 0, 0]);
  });

  it("enlarges each cell to a square", () => {
    const state = Float32Array.from({ length: 2 * 3 * 3 }, (_, i) => Math.floor(i / 3) / 5);
    const small = stateRaster(state, splitRule(rgb), [2, 3]);
    const { width, height, data } = stateRaster(state, splitRule(rgb), [2, 3], { scale: 4 });
    expect([width, height, data.length]).toEqual([12, 8, 12 * 8 * 4]);
    const wrong = Array.from({ length: 96 }, (_, i) => i).filter(
      (i) => data[i * 4] !== small.data[((i / 12 / 4) | 0) * 12 + (((i % 12) / 4) | 0) * 4],
    );
    expect(wrong).toEqual([]);
  });
});

describe("targetRaster", () => {
  it("draws both conventions alike", () => {
    const straight = targetRaster(Float32Array.of(0.4, 0.8, 0, 0.5), [1, 1], false);
    const premultiplied = targetRaster(Float32Array.of(0.2, 0.4, 0, 0.5), [1, 1], true);
    expect([...straight.data]).toEqual([102, 204, 0, 128]);
    expect([...premultiplied.data]).toEqual([...straight.data]);
  });
});
