import { describe, expect, it } from "vitest";
import {
  type Course,
  courseAfter,
  hasArrived,
  hasEnough,
  initialCourse,
  learningRateScale,
  needsCoordinates,
} from "./course.ts";
import type { Validation } from "./validation.ts";

const settings = { aim: 0, bound: 0.01, last: 0 };

function validation(...errors: number[]): Validation {
  const steps = [96, 200, 1000];
  return { errors: errors.map((relative, i) => ({ step: steps[i], relative })), died: 0, overgrown: 0 };
}

/** What becomes of a course by validations of these errors, 250 training steps apart; the last verdict. */
function after(errors: readonly number[], course: Course = initialCourse) {
  let verdict = { course, best: false } as ReturnType<typeof courseAfter>;
  for (const [i, error] of errors.entries()) {
    verdict = courseAfter(
      verdict.course,
      { step: 250 * (i + 1), validation: validation(error / 2, error) },
      settings,
    );
  }
  return verdict;
}

describe("courseAfter", () => {
  it("keeps the model with the least error, by its worst step", () => {
    expect(after([0.5, 0.2, 0.3]).course.best?.step).toBe(500);
    expect(after([0.5, 0.2]).best).toBe(true);
    expect(after([0.5, 0.2, 0.2]).best).toBe(false);
  });

  it("keeps the model with which training ends, though one that drifted had a smaller error", () => {
    const { course } = courseAfter(
      initialCourse,
      { step: 250, validation: validation(0.001, 0.001, 0.002) },
      settings,
    );
    const steady = { step: 500, validation: validation(0.0025, 0.001, 0.001) };
    expect(courseAfter(course, steady, settings).course.best?.step).toBe(250);
    expect(courseAfter(course, steady, { ...settings, aim: 0.003 }).course.best?.step).toBe(500);
  });

  it("goes back after two validations far worse than the best, and halves the learning rate", () => {
    expect(after([0.05, 0.3]).back).toBeUndefined();
    const { back, course } = after([0.05, 0.3, 0.25]);
    expect(back).toBe("lost");
    expect(course).toMatchObject({ best: { step: 250 }, lost: 0, stuck: 0, returns: 1 });
    expect(learningRateScale(course)).toBe(0.5);
  });

  it("does not take a fluke for a loss: one bad validation, or one within the bound", () => {
    expect(after([0.05, 0.3, 0.06, 0.3]).back).toBeUndefined();
    expect(after([0.001, 0.009, 0.009]).back).toBeUndefined();
  });

  it("does not take what fails late for a loss, nor for the best", () => {
    const { course } = after([0.004]);
    const late = { step: 500, validation: validation(0.002, 0.002, 0.3) };
    const once = courseAfter(course, late, { ...settings, last: 1000 });
    const twice = courseAfter(once.course, late, { ...settings, last: 1000 });
    expect(twice.back).toBeUndefined();
    expect(twice.course).toMatchObject({ best: { step: 250 }, lost: 0 });
  });

  it("goes back after four validations without progress, short of the bound only", () => {
    expect(after([0.05, 0.05, 0.051, 0.049]).back).toBeUndefined();
    expect(after([0.05, 0.05, 0.051, 0.049, 0.05]).back).toBe("stuck");
    expect(after([0.009, 0.009, 0.009, 0.009, 0.009, 0.009]).back).toBeUndefined();
  });

  it("takes what never grew for stuck", () => {
    expect(after([1, 1, 1, 1]).back).toBe("stuck");
  });

  it("goes back five times at most", () => {
    const course = { ...after([0.05]).course, returns: 5 };
    expect(after([0.5, 0.5, 0.5, 0.5], course).back).toBeUndefined();
  });
});

/** A course that has seen one validation. */
function latest(own: Validation): Course {
  return { ...initialCourse, latest: { step: 250, validation: own } };
}

describe("hasArrived", () => {
  it("is so where every step of the latest validation is within the aim, and the last no worse", () => {
    expect(hasArrived(initialCourse, { aim: 0.003 })).toBe(false);
    expect(hasArrived(latest(validation(0.003, 0.002, 0.001)), { aim: 0.003 })).toBe(true);
    expect(hasArrived(latest(validation(0.003, 0.002, 0.004)), { aim: 0.003 })).toBe(false);
    expect(hasArrived(latest({ ...validation(0.001), overgrown: 0.125 }), { aim: 0.003 })).toBe(false);
    expect(hasArrived(latest(validation(0.003, 0.001, 0.0013)), { aim: 0.003 })).toBe(false);
    expect(hasArrived(latest(validation(0.001, 0.001, 0.0011)), { aim: 0.003 })).toBe(true);
    expect(hasArrived(latest(validation(0)), { aim: 0 })).toBe(false);
  });
});

/** Whether a model ends training from step 250 on, by its error after a circle. */
function ends(relative: number, step = 250): boolean {
  const healed = [
    { damage: "hole" as const, relative: 0.001, undamaged: 0.001 },
    { damage: "circle" as const, relative, undamaged: 0.001 },
  ];
  const seen = { step, validation: { ...validation(0.001, 0.001), healed } };
  return hasEnough({ ...initialCourse, latest: seen, best: seen }, { enough: 250, bound: 0.01 });
}

describe("hasEnough", () => {
  it("is so where damage of each kind heals to within half of the bound", () => {
    expect(ends(0.005)).toBe(true);
    expect(ends(0.0051)).toBe(false);
    expect(ends(0.005, 249)).toBe(false);
  });
});

describe("needsCoordinates", () => {
  const late = { giveCoordinatesFrom: 500, bound: 0.01, aim: 0 };

  it("is so from a step on where the best model is not surely good", () => {
    const courses = [0.02, 0.006, 0.004].map((error) => after([error, error]).course);
    expect(courses.map((course) => needsCoordinates(course, late))).toEqual([true, true, false]);
    for (const giveCoordinatesFrom of [null, 501]) {
      expect(needsCoordinates(courses[0], { ...late, giveCoordinatesFrom })).toBe(false);
    }
  });

  it("is not so where training has arrived", () => {
    const steady = { step: 500, validation: validation(0.02, 0.02, 0.02) };
    const { course } = courseAfter(initialCourse, steady, settings);
    expect(needsCoordinates(course, { ...late, aim: 0.05 })).toBe(false);
    expect(needsCoordinates(course, { ...late, aim: 0.01 })).toBe(true);
  });
});
