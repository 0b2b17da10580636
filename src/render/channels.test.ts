import { describe, expect, it } from "vitest";
import { type PictureRule, splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { channelStyles } from "./channels.ts";

const { distill, cax } = picturePresets;
const namesOf = (rule: PictureRule) => channelStyles(splitRule(rule)).map(({ name }) => name);

describe("channelStyles", () => {
  it("names the channels of the picture where the rule has them, and numbers the others", () => {
    expect(namesOf(distill).slice(0, 6)).toEqual(["red", "green", "blue", "alpha", "hidden 4", "hidden 5"]);
    expect(namesOf(cax).slice(10)).toEqual(["hidden 10", "hidden 11", "red", "green", "blue", "alpha"]);
    const image = { offset: 2, channels: 1, premultiplied: false } as const;
    const grey = { ...distill, channels: 5, image, seed: { from: 3, to: 5 } };
    expect(namesOf(grey)).toEqual(["hidden 0", "hidden 1", "grey", "alive 3", "hidden 4"]);
  });

  it("knows of a model without a picture what is alive", () => {
    const { rule } = splitRule({ ...distill, channels: 5 });
    const names = channelStyles({ rule, readout: null }).map(({ name }) => name);
    expect(names).toEqual(["hidden 0", "hidden 1", "hidden 2", "alive 3", "hidden 4"]);
  });

  it("gives each of 64 channels a line of its own", () => {
    const styles = channelStyles(splitRule({ ...distill, channels: 64 }));
    expect(new Set(styles.map(({ colour, dash }) => `${colour} ${dash.join()}`)).size).toBe(64);
    expect(styles.filter(({ dash }) => dash.length === 0).length).toBe(4 + 12);
    expect(styles.filter(({ visible }) => visible).length).toBe(4);
  });
});
