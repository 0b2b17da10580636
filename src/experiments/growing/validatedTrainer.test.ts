import { describe, expect, it } from "vitest";
import type { Target } from "../../data/image.ts";
import { referenceEngine } from "../../engine/reference/engine.ts";
import type { GivenCoordinates } from "../../model/start.ts";
import { BpttTrainer } from "../../train/bptt/bptt.ts";
import { createGrowing } from "./growing.ts";
import { resolveGrowingConfig } from "./config.ts";
import { type Attempt, type ValidatedProgress, ValidatedTrainer } from "./validatedTrainer.ts";
import { validationSchema } from "./validation.ts";

const target: Target = { grid: [6, 6], data: new Float32Array(36 * 4) };
for (let y = 1; y < 5; y++)
  for (let x = 1; x < 5; x++) target.data.set([x < 3 ? 1 : 0, 0, 0.5, 1], (y * 6 + x) * 4);

const sets = [
  "target.size=4",
  "target.padding=1",
  "rule.channels=6",
  "rule.hidden=[8]",
  "rule.seed.to=6",
  "training.rollout=[8,10]",
  "training.learningRate=2e-2",
  "training.schedule.kind=constant",
  "training.warmup=0",
  "training.pool.size=8",
  "training.loss.coordinates=0",
];

function innerTrainer(steps: number): BpttTrainer {
  const config = resolveGrowingConfig({
    sets: [...sets, `training.steps=${steps}`, "training.validation=null"],
  });
  const trainer = createGrowing({ engine: referenceEngine(), config, target });
  if (!(trainer instanceof BpttTrainer)) throw new Error("without validation, training is plain");
  return trainer;
}

/** What an attempt's validations find, one after the other. */
type Script = Readonly<{
  /** Errors, one a validation. */
  errors: readonly number[];
  /** Errors at step 4,000, one a longer look. */
  late?: readonly number[];
  /** Training steps after which a closer look finds runs that fail. */
  failing?: readonly number[];
  aim?: number;
  steps?: number;
  enough?: number | null;
  giveCoordinatesFrom?: number | null;
}>;

/** An attempt of which validations, every two steps, find what is written. */
function scriptedAttempt({ errors, late, failing = [], ...script }: Script, coordinates?: GivenCoordinates) {
  const { aim = 0, steps = 2 * errors.length, enough = null, giveCoordinatesFrom = null } = script;
  const asked: Float32Array[] = [];
  const longer: number[] = [];
  const attempt: Attempt = {
    trainer: innerTrainer(steps),
    coordinates,
    settings: validationSchema.parse({
      aim,
      enough,
      giveCoordinatesFrom,
      every: 2,
      last: late ? 4000 : 0,
    }),
    validate: async ({ parameters, step, look }) => {
      if (look === "first") asked.push(parameters);
      if (look === "longer") longer.push(step);
      return {
        errors: [
          { step: 96, relative: errors[asked.length - 1] },
          ...(look === "longer" ? [{ step: 4000, relative: late![longer.length - 1] }] : []),
        ],
        died: 0,
        overgrown: 0,
        failed: look === "closer" && failing.includes(step) ? 0.01 : 0,
      };
    },
  };
  return { attempt, asked, longer };
}

/** Training whose validations find what is written. */
function scripted(errors: readonly number[], script: Omit<Script, "errors"> = {}) {
  const { attempt, asked, longer } = scriptedAttempt({ errors, ...script });
  return { trainer: new ValidatedTrainer({ first: attempt }), asked, longer };
}

const given: GivenCoordinates = {
  channels: [4, 5],
  box: { top: -2, left: -2, height: 4, width: 4 },
  unit: 5,
};

/** Two attempts; the second is made for the steps that are left. */
function twice(first: Script, second: Script) {
  const attempts = [scriptedAttempt(first), scriptedAttempt(second, given)] as const;
  const made: number[] = [];
  const trainer = new ValidatedTrainer({
    first: attempts[0].attempt,
    second: (steps) => {
      made.push(steps);
      return attempts[1].attempt;
    },
  });
  return { trainer, attempts, made };
}

/** What a step did, however long it took. */
function timeless(event: ValidatedProgress) {
  return { ...event, seconds: 0 };
}

async function runToEnd(trainer: ValidatedTrainer) {
  const events = [];
  for await (const event of trainer) events.push(event);
  return events;
}

describe("ValidatedTrainer", () => {
  it("makes all steps where nothing meets the aim, and keeps the best model", async () => {
    const { trainer, asked } = scripted([0.5, 0.1, 0.2], { aim: 0.01 });
    const events = await runToEnd(trainer);
    expect(events.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(events.map(({ validated }) => validated)).toEqual([undefined, undefined, 0.5, 0.5, 0.1, 0.1]);
    expect(asked).toHaveLength(3);
    expect(trainer.finished).toBe(true);
    expect(trainer.model).toEqual(asked[1]);
    expect(trainer.current).toEqual(asked[2]);
    expect(trainer.course.best?.step).toBe(4);
  });

  it("ends at the validation that meets the aim", async () => {
    const { trainer, asked } = scripted([0.5, 0.009, 0.001], { aim: 0.01 });
    expect(await runToEnd(trainer)).toHaveLength(4);
    expect(trainer.finished).toBe(true);
    expect(trainer.model).toEqual(asked[1]);
  });

  it("goes on where a longer look finds that a picture fails late", async () => {
    const errors = [0.5, 0.004, 0.005, 0.006, 0.001];
    const { trainer, longer } = scripted(errors, { aim: 0.01, late: [0.3, 0.007, 0.0065] });
    expect(await runToEnd(trainer)).toHaveLength(8);
    expect(longer).toEqual([4, 6, 8]);
    expect(trainer.course.best?.step).toBe(8);
  });

  it("goes on where a closer look finds that growth fails once in a while", async () => {
    const { trainer, longer } = scripted([0.5, 0.004, 0.005, 0.006], {
      aim: 0.01,
      failing: [4],
      late: [0.005],
    });
    expect(await runToEnd(trainer)).toHaveLength(6);
    expect(longer).toEqual([6]);
    expect(trainer.course.best?.step).toBe(6);
  });

  it("keeps a model of which no run fails, though one that is better in the mean has some that do", async () => {
    const { trainer, asked } = scripted([0.5, 0.006, 0.004, 0.02, 0.02], {
      aim: 0.005,
      failing: [6],
      late: [],
    });
    await runToEnd(trainer);
    expect(trainer.best?.step).toBe(4);
    expect(trainer.model).toEqual(asked[1]);
  });

  it("keeps the best of before where a late one is so only until it is looked at closely", async () => {
    const { trainer, asked, longer } = scripted([0.5, 0.0045, 0.004, 0.004], {
      late: [0.0045],
      failing: [5],
      enough: 5,
      steps: 8,
    });
    await runToEnd(trainer);
    expect(longer).toEqual([4]);
    expect(trainer.step).toBe(5);
    expect(trainer.model).toEqual(asked[1]);
  });

  it.each([
    ["at the step that is enough, with a model that is good", [0.5, 0.02, 0.004, 0.003], 5],
    ["after it, once a model is", [0.5, 0.3, 0.006, 0.004, 0.003], 6],
    ["with a good model of before", [0.5, 0.004, 0.02, 0.03], 5],
    ["after all steps where none is", [0.5, 0.3, 0.009, 0.006], 8],
  ])("ends %s", async (_, errors, made) => {
    const { trainer } = scripted(errors, { aim: 0.001, enough: 5, steps: 8 });
    expect(await runToEnd(trainer)).toHaveLength(made);
  });

  it("validates after the last step, too", async () => {
    const { trainer } = scripted([0.5, 0.1], { steps: 3 });
    await runToEnd(trainer);
    expect(trainer.course.best?.step).toBe(3);
  });

  it("goes back to the best model where it is lost, at half the learning rate, and says so", async () => {
    const { trainer, asked } = scripted([0.1, 0.5, 0.5, 0.3, 0.3]);
    const events = await runToEnd(trainer);
    expect(events.map(({ returned }) => returned)).toEqual([
      ...Array.from({ length: 6 }, () => undefined),
      "lost",
      ...Array.from({ length: 3 }, () => undefined),
    ]);
    expect(events.map(({ step }) => step)).toEqual(Array.from({ length: 10 }, (_, i) => i));
    expect(events[5].learningRate).toBeCloseTo(2e-2, 12);
    expect(events[6].learningRate).toBeCloseTo(1e-2, 12);
    expect(trainer.model).toEqual(asked[0]);
    // Two steps on from the best: other draws and a smaller step than those that lost it.
    expect(asked[3]).not.toEqual(asked[1]);
  });

  it.each([3, 4, 7])("goes on bit for bit after %i steps", async (after) => {
    const errors = [0.1, 0.5, 0.5, 0.08, 0.3];
    const whole = scripted(errors);
    const events = await runToEnd(whole.trainer);
    const first = scripted(errors);
    for await (const { step } of first.trainer) if (step + 1 === after) break;
    const snapshot = await first.trainer.save();
    const second = scripted(errors.slice(first.asked.length), { steps: 10 });
    await second.trainer.restore(snapshot);
    const rest = await runToEnd(second.trainer);
    expect(rest.map(timeless)).toEqual(events.slice(after).map(timeless));
    expect(second.trainer.model).toEqual(whole.trainer.model);
    expect(second.trainer.course).toEqual(whole.trainer.course);
  });

  it("begins anew with coordinates where the best model is late not to be good", async () => {
    const first = { errors: [0.5, 0.3, 0.2, 0.1], giveCoordinatesFrom: 5, steps: 12 };
    const { trainer, attempts, made } = twice(first, { errors: [0.4, 0.15, 0.2] });
    const events = await runToEnd(trainer);
    expect(made).toEqual([5]);
    expect(events.map(({ step }) => step)).toEqual(Array.from({ length: 11 }, (_, i) => i));
    expect(events.flatMap(({ step, begunAnew }) => (begunAnew ? [step] : []))).toEqual([5]);
    expect(events[5]).not.toHaveProperty("validated");
    expect(trainer.best?.step).toBe(9);
    expect(trainer.model).toEqual(attempts[1].asked[1]);
    expect(trainer.coordinates).toBe(given);
  });

  it("begins anew, too, where what seems good fails once in a while", async () => {
    const first = {
      errors: [0.5, 0.004, 0.03],
      late: [],
      failing: [4],
      enough: 5,
      giveCoordinatesFrom: 5,
      steps: 12,
    };
    const { trainer, made } = twice(first, { errors: [0.003] });
    await runToEnd(trainer);
    expect(made).toEqual([5]);
    expect(trainer.coordinates).toBe(given);
  });

  it("begins anew, too, where what seems good fails late; and keeps the better model of both", async () => {
    const first = { errors: [0.5, 0.004, 0.0045], late: [0.3], giveCoordinatesFrom: 5, steps: 12 };
    const { trainer, attempts } = twice(first, { errors: [0.4, 0.35] });
    const kept: (GivenCoordinates | undefined)[] = [];
    for await (const _ of trainer) kept.push(trainer.coordinates);
    expect(attempts[0].longer).toEqual([4]);
    expect(trainer.step).toBe(9);
    expect(trainer.model).toEqual(attempts[0].asked[1]);
    expect(trainer.best).toMatchObject({ step: 4, validation: { errors: [{}, { relative: 0.3 }] } });
    expect([...kept, trainer.coordinates].every((each) => each === undefined)).toBe(true);
    expect(trainer.currentCoordinates).toBe(given);
  });

  it("does not begin anew where the model is good enough, or no step is left", async () => {
    const good = {
      errors: [0.5, 0.004, 0.0045],
      late: [0.005],
      enough: 5,
      giveCoordinatesFrom: 5,
      steps: 12,
    };
    const { trainer, made } = twice(good, { errors: [1] });
    expect(await runToEnd(trainer)).toHaveLength(5);
    const late = twice({ errors: [0.5, 0.3], giveCoordinatesFrom: 4 }, { errors: [1] });
    expect(await runToEnd(late.trainer)).toHaveLength(4);
    expect([...made, ...late.made]).toEqual([]);
  });

  it.each([4, 6, 8])("goes on bit for bit after %i steps of two attempts", async (after) => {
    const scripts = [
      { errors: [0.5, 0.3, 0.2], giveCoordinatesFrom: 6, steps: 12 },
      { errors: [0.4, 0.15] },
    ] as const;
    const whole = twice(...scripts);
    const events = await runToEnd(whole.trainer);
    const before = twice(...scripts);
    for await (const { step } of before.trainer) if (step + 1 === after) break;
    const snapshot = await before.trainer.save();
    const [errors, more] = before.attempts.map(({ asked }, i) => scripts[i].errors.slice(asked.length));
    const resumed = twice({ ...scripts[0], errors }, { errors: more, steps: 4 });
    await resumed.trainer.restore(snapshot);
    const rest = await runToEnd(resumed.trainer);
    expect(rest.map(timeless)).toEqual(events.slice(after).map(timeless));
    expect(resumed.trainer.model).toEqual(whole.trainer.model);
    expect(resumed.trainer.best).toEqual(whole.trainer.best);
    expect(resumed.trainer.coordinates).toBe(given);
    if (after > 6) {
      await expect(scripted([1]).trainer.restore(snapshot)).rejects.toThrow(
        "in this checkpoint, cells are given their coordinates",
      );
    }
  });

  it("refuses the checkpoint of plain training", async () => {
    const { trainer } = scripted([1]);
    await expect(trainer.restore(await innerTrainer(2).save())).rejects.toThrow(
      "this checkpoint is not one of training that is validated",
    );
  });

  it("lets the learning rate settle where training may end, and rise once more where it does not", async () => {
    const config = resolveGrowingConfig({
      sets: [
        ...sets,
        'training.schedule={"kind":"cosine","final":0,"waves":1}',
        "training.steps=6",
        'training.validation={"aim":0.001,"enough":4,"runs":1,"steps":[4]}',
      ],
    });
    const trainer = createGrowing({ engine: referenceEngine(), config, target });
    const rates: number[] = [];
    for await (const { learningRate } of trainer) rates.push(learningRate / 2e-2);
    [1, 0.8536, 0.5, 0.1464, 0.5, 0.25].forEach((rate, i) => expect(rates[i]).toBeCloseTo(rate, 4));
    expect(rates).toHaveLength(6);
  });

  it("validates by growing the picture anew", async () => {
    const config = resolveGrowingConfig({
      sets: [
        ...sets,
        "training.steps=100",
        "training.validation.steps=[10,20]",
        "training.validation.every=50",
      ],
    });
    const trainer = createGrowing({ engine: referenceEngine(), config, target });
    if (!(trainer instanceof ValidatedTrainer)) throw new Error("the default is validated");
    await runToEnd(trainer);
    const { best } = trainer.course;
    expect(best?.validation.errors.map(({ step }) => step)).toEqual([10, 20]);
    // An empty grid has 1; a hundred steps on a tiny picture get well below it.
    expect(best!.validation.errors[0].relative).toBeLessThan(0.6);
  });
});
