import { afterAll, describe, expect, it } from "vitest";
import type { Target } from "../../data/image.ts";
import { applyDamage } from "../../edit/damage.ts";
import { createWasmEngine } from "../../engine/wasm/engine.ts";
import { UserError } from "../../errors.ts";
import { placeChannels, startState } from "../../model/start.ts";
import { resolveGrowingConfig } from "./config.ts";
import { canLearnCoordinates, givenCoordinates } from "./coordinates.ts";
import { grow } from "./experiment.ts";
import { fitGrowingConfig } from "./fit.ts";
import { createGrowing } from "./growing.ts";

const engine = await createWasmEngine();
afterAll(() => engine.dispose());

/** A picture, by default of 12 x 8 cells, two cells of padding above, four below, three left and right. */
function picture(colour: (y: number, x: number) => readonly number[], height = 12, width = 8): Target {
  const grid = [height + 6, width + 6] as const;
  const data = new Float32Array(grid[0] * grid[1] * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set(colour(y, x), ((y + 2) * grid[1] + x + 3) * 4);
  }
  return { grid, data };
}
const within = (y: number, x: number, height = 12, width = 8) =>
  ((y + 0.5) / height - 0.5) ** 2 + ((x + 0.5) / width - 0.5) ** 2 < 0.25;
const photo = picture((y, x) => [y / 12, x / 8, 0.4, 1]);
const rounded = picture((y, x) => ([0, 11].includes(y) && [0, 7].includes(x) ? [0, 0, 0, 0] : [0, 1, 0, 1]));
const oval = picture((y, x) => (within(y, x) ? [y / 12, 0, 0, 1] : [0, 0, 0, 0]));
const onRim = (y: number, x: number, side: number) => Math.min(y, x, side - 1 - y, side - 1 - x) < 2;
const square = (y: number, x: number) => [(x + y) % 2, 0, 0, 1];
const small = picture((y, x) => (within(y, x) ? square(y, x) : [0, 0, 0, 0]));
const chequered = picture((y, x) => (within(y, x, 24, 20) ? square(y, x) : [0, 0, 0, 0]), 24, 20);
const box = { top: -7, left: -4, height: 12, width: 8 };
const given = { channels: [14, 15], box, unit: 5 } as const;
const odd = {
  channels: [14, 15],
  parity: [12, 13],
  box: { top: -13, left: -10, height: 24, width: 20 },
  unit: 5,
} as const;
const { rule } = resolveGrowingConfig();

describe("canLearnCoordinates", () => {
  it.each([
    ["an oval", oval, true],
    ["a photograph", photo, false],
    ["a rectangle with round corners", rounded, false],
    ["an oval chequerboard", chequered, false],
    ["a small one", small, true],
    ["a large frame", picture((y, x) => (onRim(y, x, 28) ? [0, 1, 0, 1] : [0, 0, 0, 0]), 28, 28), false],
    ["a small frame", picture((y, x) => (onRim(y, x, 20) ? [0, 1, 0, 1] : [0, 0, 0, 0]), 20, 20), true],
    ["a narrow bar", picture(() => [1, 0, 0, 1], 12, 7), true],
    ["a bar and a foot", picture((y, x) => (y < 10 || x < 2 ? [0, 0, 1, 1] : [0, 0, 0, 0]), 20, 9), true],
    [
      "a photograph, and a dot far from it",
      picture((y, x) => (y < 10 || (y === 19 && x === 0) ? [0, 0, 1, 1] : [0, 0, 0, 0]), 20, 9),
      false,
    ],
  ])("of %s", (_, target, expected) => {
    expect(canLearnCoordinates(target, rule, false)).toBe(expected);
  });
});

/** Whether a recipe gives the cells of a picture their coordinates. */
function isGiven(recipe: "persistent" | "regenerating", target: Target): boolean {
  const { coordinates } = fitGrowingConfig(resolveGrowingConfig({ recipe }), target).target;
  return typeof coordinates !== "string";
}

describe("target.coordinates", () => {
  it.each([
    ["picture", photo, given],
    ["picture", oval, "picture"],
    ["learned", photo, "learned"],
    ["given", oval, given],
    ["given", small, { ...given, parity: [12, 13] }],
    ["picture", chequered, odd],
  ] as const)("as %s", (choice, target, expected) => {
    const config = resolveGrowingConfig({ sets: [`target.coordinates=${choice}`] });
    const fitted = fitGrowingConfig(config, target);
    expect(fitted.target.coordinates).toEqual(expected);
    expect(fitGrowingConfig(fitted, target)).toEqual(fitted);
  });

  it("is learned by what learned it before there was the field, and of several pictures", () => {
    const { target, ...config } = resolveGrowingConfig();
    const { coordinates: _, ...older } = target;
    const read = resolveGrowingConfig({ overrides: { ...config, target: older } });
    expect(read.target.coordinates).toBe("learned");
    expect(fitGrowingConfig(resolveGrowingConfig(), [photo, photo]).target.coordinates).toBe("learned");
    expect(givenCoordinates([oval, photo], rule)).toEqual(given);
    expect(givenCoordinates([picture(() => [1, 0, 0, 1], 80, 60)], rule).unit).toBe(10.25);
    const hole = picture(() => [0, 0, 0, 0], 24, 20);
    expect(givenCoordinates([hole, chequered], rule)).toEqual(odd);
  });

  it("is given where several parts are to heal", () => {
    const two = picture((_, x) => (x % 5 < 3 ? [1, 0, 0, 1] : [0, 0, 0, 0]));
    expect(isGiven("persistent", two)).toBe(false);
    expect(isGiven("regenerating", two)).toBe(true);
    expect(isGiven("regenerating", oval)).toBe(false);
  });

  it("of a rule that has no channels for it is learned, or refused", () => {
    const sets = ["rule.channels=5", "rule.seed.to=5", "training.loss.coordinates=0"];
    const config = resolveGrowingConfig({ sets });
    expect(fitGrowingConfig(config, photo).target.coordinates).toBe("learned");
    const asked = resolveGrowingConfig({ sets: [...sets, "target.coordinates=given"] });
    expect(() => fitGrowingConfig(asked, photo)).toThrow(
      new UserError(
        "target.coordinates cannot be given: the rule has too few channels beside the picture's to hold them",
        { exitCode: 2 },
      ),
    );
  });

  it("of more parts than there are seeds that differ is given, with a seed in each", () => {
    const dots = picture((y, x) => (y % 3 === 0 && x % 3 === 0 ? [1, 0, 0, 1] : [0, 0, 0, 0]));
    const lines = { ...dots, data: dots.data.slice() };
    const twelve = fitGrowingConfig(resolveGrowingConfig(), lines).target;
    expect([twelve.coordinates, twelve.seeds.length]).toEqual(["picture", 12]);
    const rows = { grid: [18, 90] as const, data: new Float32Array(18 * 90 * 4) };
    for (let x = 2; x < 88; x += 4) rows.data.set([1, 0, 0, 1], (9 * 90 + x) * 4);
    const many = fitGrowingConfig(resolveGrowingConfig(), rows).target;
    expect(many.seeds).toHaveLength(22);
    expect(many.coordinates).toMatchObject({ channels: [14, 15] });
  });

  it("refuses other words in one sentence", () => {
    expect(() => resolveGrowingConfig({ sets: ["target.coordinates=told"] })).toThrow(
      'target.coordinates is "told"; it must be "picture", "learned" or "given" or an object',
    );
  });

  it("that a file holds is of the picture there", () => {
    const file = { target: { source: "photo.png", size: 12, padding: 3, coordinates: given } };
    const chosen = (source: string) =>
      grow.overridesOf({ source, values: {}, sets: [] }, resolveGrowingConfig(), file);
    expect(chosen("other.png")).toMatchObject({ target: { coordinates: "picture" } });
    expect(chosen("photo.png")).not.toHaveProperty("target.coordinates");
  });
});

describe("cells that are given coordinates", () => {
  const sets = ["target.size=12", "target.padding=3", "training.steps=120", "training.validation=null"];
  const config = resolveGrowingConfig({ sets: [...sets, "training.pool.size=8"] });
  const trained = async (changes: readonly string[] = []) => {
    const trainer = createGrowing({
      engine,
      config: resolveGrowingConfig({ overrides: config, sets: changes }),
      target: photo,
    });
    const losses: number[] = [];
    for await (const { loss } of trainer) losses.push(loss);
    return { model: trainer.toModel(), loss: losses.slice(-20).reduce((sum, loss) => sum + loss, 0) / 20 };
  };

  it("learn a photograph sooner, keep them when damaged, and heal in place", async () => {
    const { model, loss } = await trained();
    expect(loss).toBeLessThan(0.5 * (await trained(["target.coordinates=learned"])).loss);
    expect(model.rule.pinned).toEqual([14, 15]);
    expect(model.start.coordinates).toEqual(given);
    const { grid } = photo;
    const grown = async (state: Float32Array, firstStep: number) => {
      const { rule: own, parameters } = model;
      const request = { rule: own, grid, parameters, states: [state], steps: 80, seed: 1, firstStep };
      const { final } = await engine.rollout(request);
      const [data] = await Promise.all(final.map((each) => each.read()));
      for (const each of final) each.dispose();
      return data;
    };
    const errorOf = (state: Float32Array) => {
      const differences = photo.data.map((value, i) => value - state[Math.floor(i / 4) * 16 + (i % 4)]);
      return differences.reduce((sum, value) => sum + value * value, 0) / photo.data.length;
    };
    const whole = await grown(startState(model, grid), 0);
    const damaged = whole.slice();
    applyDamage(damaged, grid, 16, "half-left", [1, 1, 1], placeChannels(model));
    const healed = await grown(damaged, 80);
    expect(errorOf(damaged)).toBeGreaterThan(5 * errorOf(whole));
    expect(errorOf(healed)).toBeLessThan(1.5 * errorOf(whole));
  });
});
