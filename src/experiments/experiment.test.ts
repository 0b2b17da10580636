import { expect, it } from "vitest";
import { sprout } from "../../test/visitor/experiment.ts";
import { arc } from "./arc/experiment.ts";
import type { Experiment } from "./experiment.ts";
import { denoise } from "./restoration/experiment.ts";

it.each<[string, Experiment, string]>([
  ["a set of pictures", denoise, "data"],
  ["puzzles", arc, "data"],
  ["a picture by name", sprout, "target"],
])("%s is the source in a field that the schema has", (_, experiment, part) => {
  const chosen = { source: "icons", values: {} };
  expect(experiment.overridesOf(chosen, experiment.resolve({}), undefined)).toEqual({
    [part]: { source: "icons" },
  });
});
