import { describe, expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { parsePlan } from "./plan.ts";

const fault = (value: unknown): string => {
  try {
    parsePlan(value);
  } catch (error) {
    if (error instanceof UserError && error.exitCode === 2) return error.message;
    throw error;
  }
  return "none";
};

describe("a plan", () => {
  it("has settings of one value, and settings to try", () => {
    const plan = parsePlan({
      experiment: "grow",
      subjects: ["🦎", ["🦎", "🦋"]],
      seeds: [4, 2],
      settings: {
        "--steps": 200,
        "training.batch": [8],
        "rule.hidden": [[64], [128]],
        "training.learningRate": { from: 1e-4, to: 1e-2, draw: "log", count: 3 },
      },
      halving: { at: [0.25, 0.5] },
    });
    expect(plan).toEqual({
      experiment: "grow",
      subjects: [["🦎"], ["🦎", "🦋"]],
      seeds: [4, 2],
      fixed: { "--steps": 200, "training.batch": 8 },
      varied: {
        "rule.hidden": { kind: "list", values: [[64], [128]] },
        "training.learningRate": { kind: "range", from: 1e-4, to: 1e-2, draw: "log", count: 3 },
      },
      search: "grid",
      halving: { at: [0.25, 0.5], keep: 0.5 },
      pictures: false,
    });
  });

  it("is one run of an experiment where it says no more, and counts seeds from 0", () => {
    expect(parsePlan({ experiment: "evolve" })).toMatchObject({
      subjects: [[]],
      seeds: [0],
      fixed: {},
      varied: {},
      search: "grid",
    });
    expect(parsePlan({ experiment: "grow", seeds: 3 }).seeds).toEqual([0, 1, 2]);
  });

  it.each<[unknown, string]>([
    [[], "a plan is a JSON object"],
    [{}, "experiment is missing; it must be text"],
    [
      { experiment: "grow", grid: {} },
      "grid is not a known field; there are experiment, subjects, seeds, settings, search, halving, pictures",
    ],
    [{ subjects: [], experiment: "grow" }, "subjects is []; it must be of length at least 1"],
    [{ subjects: ["🦎", "🦎"], experiment: "grow" }, "subjects must not name a subject twice"],
    [{ seeds: 0, experiment: "grow" }, "seeds is 0; it must be at least 1"],
    [{ seeds: [1, 1], experiment: "grow" }, "seeds must not have a seed twice"],
    [
      { search: { random: 2.5 }, experiment: "grow" },
      'search is {"random":2.5}; it must be "grid" or a whole number',
    ],
    [
      { search: { random: 2 }, experiment: "grow" },
      "search.random draws settings, and settings has none with more than one value; give one several, such as training.batch=2,4",
    ],
    [
      { halving: { at: [0.5] }, experiment: "grow" },
      "halving compares settings, and settings has none with more than one value; give one several, such as training.batch=2,4",
    ],
    [{ halving: { at: [0.5, 0.25] }, experiment: "grow" }, "halving.at must ascend"],
    [{ halving: { at: [1] }, experiment: "grow" }, "halving.at[0] is 1; it must be below 1"],
    [{ halving: { at: [0.5], keep: 1 }, experiment: "grow" }, "halving.keep is 1; it must be below 1"],
  ])("%j: %s", (value, sentence) => {
    expect(fault(value)).toBe(sentence);
  });

  it.each<[string, unknown, string]>([
    ["seed", [1, 2], "settings.seed is not for plans; use seeds"],
    ["--out", "a", "settings.--out is not for plans; use the option --out of sweep"],
    ["target.source", ["🦎"], "settings.target.source is not for plans; use subjects"],
    [
      "training..batch",
      8,
      'settings has "training..batch", which names nothing; write a name such as training.learningRate, or an option such as --steps',
    ],
    ["a", [], "settings.a is an empty list; write one value at least"],
    ["a", [[1], [1]], "settings.a must not have a value twice"],
    [
      "a",
      { from: 1 },
      "settings.a.to is missing; it must be a finite number; a value that is an object stands in a list",
    ],
    ["a", { from: 2, to: 1 }, "settings.a.to must be above from; a value that is an object stands in a list"],
    [
      "a",
      { from: 0, to: 1, draw: "log" },
      'settings.a.from must be above 0 where draw is "log"; a value that is an object stands in a list',
    ],
    [
      "a",
      { from: 0, to: 1, over: 2 },
      "settings.a.over is not a known field; a value that is an object stands in a list",
    ],
    [
      "a",
      { from: 0, to: 1 },
      "settings.a.count is missing; a grid needs to know how many numbers from 0 to 1 to try",
    ],
  ])("of a setting %s: %j: %s", (name, value, sentence) => {
    expect(fault({ experiment: "grow", settings: { [name]: value } })).toBe(sentence);
  });
});
