import { describe, expect, it } from "vitest";
import { UserError } from "../errors.ts";
import type { Model } from "../model/model.ts";
import { splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { goalInput, goalName } from "../experiments/goals.ts";
import { findGoal, oneOfGoals } from "./goals.ts";
import { goalAt } from "./run/values.ts";

const grid = { size: 8, padding: 2 };
const goals = [
  { target: "🦎 lizard (Noto Emoji)", picture: { source: "🦎", ...grid } },
  { target: "❤️ red-heart (Noto Emoji)", picture: { source: "❤️", ...grid } },
  { target: "cat.png", picture: { source: "pictures/cat.png", ...grid } },
  {},
  { target: "🇩🇪 flag-germany (Twemoji)", picture: { source: "🇩🇪", ...grid } },
];
const model: Model = {
  ...splitRule({ ...picturePresets.distill, inputSize: 5 }),
  parameters: new Float32Array(0),
  provenance: { grid: [12, 12], goals },
};
const silent: Model = { ...model, provenance: { grid: [12, 12] } };

describe("a goal", () => {
  it("has a name in words alone", () => {
    expect(goals.map(goalName)).toEqual(["lizard", "red-heart", "cat.png", "goal 4", "flag-germany"]);
  });

  it.each([
    ["1", 0],
    ["🦎", 0],
    ["lizard", 0],
    ["Lizard", 0],
    ["🦎 lizard", 0],
    ["❤", 1],
    ["❤️", 1],
    ["red heart", 1],
    ["cat.png", 2],
    ["pictures/cat.png", 2],
    ["4", 3],
    ["🇩🇪", 4],
    ["Flag Germany", 4],
  ])("is found as %s", (name, goal) => {
    expect(findGoal("m", model, name)).toBe(goal);
    expect([...goalInput(model, goal)]).toEqual([0, 1, 2, 3, 4].map((i) => (i === goal ? 1 : 0)));
  });

  it.each(["6", "0", "dog", "liz"])("is not found as %s", (name) => {
    const sentence = `m has no goal "${name}"; its goals are 1 🦎 lizard, 2 ❤️ red-heart, 3 cat.png, 4 goal 4, 5 🇩🇪 flag-germany`;
    expect(() => findGoal("m", model, name)).toThrow(new UserError(sentence, { exitCode: 2 }));
  });

  it("must be named where there are several, and cannot be where there is none", () => {
    expect(oneOfGoals("m", model, "lizard")).toBe(0);
    expect(oneOfGoals("m", silent, undefined)).toBeUndefined();
    expect(() => oneOfGoals("m", model, undefined)).toThrow(
      /^m grows several pictures; say by --goal which: 1 🦎 lizard, /,
    );
    expect(() => oneOfGoals("m", silent, "lizard")).toThrow(/^m names no goals; /);
  });
});

describe("goalAt", () => {
  it.each([
    ["🦋", { name: "🦋", step: 0 }],
    ["2@200", { name: "2", step: 200 }],
    ["a@b.png", { name: "a@b.png", step: 0 }],
    ["a@b.png@7", { name: "a@b.png", step: 7 }],
    ["", undefined],
    ["@7", undefined],
  ])("reads %j", (text, value) => expect(goalAt.parse(text)).toEqual(value));
});
