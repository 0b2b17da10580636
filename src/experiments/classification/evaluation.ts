/** What is measured of a model that classifies: how many cells are right, and on how many pictures all agree. */
import {
  type Agreement,
  asClassifier,
  type Classifier,
  measureAgreement,
} from "../../analysis/classification.ts";
import { inWords } from "../../config/inWords.ts";
import { kindsOf, type Labelled } from "../../data/pictureSet.ts";
import { UserError } from "../../errors.ts";
import { type Evaluation, textTable } from "../evaluation.ts";
import type { PictureSetSubject } from "../experiment.ts";
import { labelled } from "./config.ts";
import { confusionSheets } from "./drawings.ts";
import { COUNT, STEPS, STEPS_AFTER } from "./report.ts";

/** Classes that one is mistaken for, at most so many. */
const MISTAKES = 2;
/** Share of cells below which a mistake goes without saying. */
const LEAST = 0.01;

export const classificationEvaluation: Evaluation<PictureSetSubject> = {
  subject: "picture set",
  amounts: ["steps", "count"],
  samples: ({ count = COUNT }) => count,
  async evaluate({ engine, model: measured, subject, amounts, seed, onProgress, signal }) {
    const model = asClassifier(measured);
    const pictures = labelled(subject.test, subject.name);
    checkPictures(model, pictures, subject.name);
    const count = Math.min(amounts.count ?? COUNT, pictures.count);
    const steps = [...new Set(amounts.steps ?? STEPS)].toSorted((a, b) => a - b);
    const agreement = await measureAgreement({
      engine,
      model,
      pictures,
      count,
      steps,
      stepsAfter: STEPS_AFTER,
      seed,
      onProgress,
      signal,
    });
    return {
      amount: `${count.toLocaleString("en")} of them shown, seed ${seed}`,
      report: { seed, pictures: count, agreement },
      lines: agreementLines(agreement),
      drawing: { sheet: confusionSheets(agreement), shows: "what is taken for what" },
    };
  },
};

/** @throws UserError where pictures are of other classes, or of other channels, than a model's cells name and see. */
function checkPictures({ readout }: Classifier, pictures: Labelled, source: string): void {
  if (pictures.channels !== readout.channels) {
    throw new UserError(
      `${source} has pictures this model does not take: ${pictures.channels === 1 ? "grey" : "RGBA"} ones`,
    );
  }
  const kinds = kindsOf(pictures);
  const { count, names = Array.from({ length: count }, (_, index) => String(index)) } = readout.classes;
  if (kinds.join("\n") === names.join("\n")) return;
  throw new UserError(
    `the cells of this model name ${list(names)}, and the pictures of ${source} show ${list(kinds)}`,
  );
}

function list(words: readonly string[]): string {
  return inWords(words.length > 12 ? [...words.slice(0, 11), "others"] : words);
}

/** Lines for a terminal: all pictures at every moment, then each class at the last step and after the change. */
function agreementLines(agreement: readonly Agreement[]): string[] {
  const change = agreement.findLast(({ changed }) => !changed)!;
  const shown = [change, ...agreement.filter(({ changed }) => changed)];
  return [
    ...textTable([
      ["", "cells right", "all agree", "all rightly"],
      ...agreement.map((moment) => [momentText(moment, change), ...sharesOf(moment)]),
    ]),
    ...shown.flatMap((moment) => [
      "",
      ...textTable([
        [momentText(moment, change), "pictures", "cells right", "all agree", "all rightly", "mistaken for"],
        ...moment.classes.map((each, label) => [
          each.name,
          String(each.pictures),
          ...sharesOf(each),
          mistakesOf(moment, label),
        ]),
      ]),
    ]),
  ];
}

function momentText({ step, changed }: Agreement, before: Agreement): string {
  return changed ? `${step - before.step} steps after each became another` : `after ${step} steps`;
}

function sharesOf({ cells, agreed, right }: Pick<Agreement, "cells" | "agreed" | "right">): string[] {
  return [cells, agreed, right].map(percent);
}

/** What the cells of a class name instead, the most frequent first. */
function mistakesOf({ confusion, classes }: Agreement, label: number): string {
  const all = confusion[label].reduce((sum, cells) => sum + cells, 0);
  return confusion[label]
    .map((cells, named) => ({ named, share: all === 0 ? 0 : cells / all }))
    .filter(({ named, share }) => named !== label && share >= LEAST)
    .toSorted((a, b) => b.share - a.share)
    .slice(0, MISTAKES)
    .map(({ named, share }) => `${classes[named].name} ${percent(share)}`)
    .join(", ");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
