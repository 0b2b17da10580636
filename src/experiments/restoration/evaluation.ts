/** What is measured of a model that restores pictures. */
import { UserError } from "../../errors.ts";
import { withPicture } from "../../model/model.ts";
import { type Evaluation, textTable } from "../evaluation.ts";
import type { PictureSetSubject } from "../experiment.ts";
import type { Restoration } from "./config.ts";
import { restorationSheet } from "./drawings.ts";
import { COUNT, measureRestoration, reportRows, STEPS } from "./report.ts";

export function restorationEvaluation(what: Restoration): Evaluation<PictureSetSubject> {
  return {
    subject: "picture set",
    amounts: ["steps", "count"],
    samples: ({ count = COUNT }) => count,
    async evaluate({ engine, model: measured, subject, amounts, seed, onProgress, signal }) {
      const model = withPicture(measured);
      const pictures = subject.test;
      if (pictures.channels !== model.readout.channels) {
        throw new UserError(
          `${subject.name} has pictures this model does not take: ${pictures.channels === 1 ? "grey" : "RGBA"} ones`,
        );
      }
      const { count = COUNT } = amounts;
      const steps = [...new Set(amounts.steps ?? STEPS)].toSorted((a, b) => a - b);
      const report = await measureRestoration({
        what,
        engine,
        model,
        pictures,
        count,
        steps,
        seed,
        onProgress,
        signal,
      });
      return {
        amount: `${report.pictures.toLocaleString("en")} of them spoilt, seed ${seed}`,
        report: { seed, ...report },
        lines: textTable(reportRows(report)),
        drawing: {
          sheet: await restorationSheet({ engine, model, pictures, levels: report.levels, signal }),
          shows: "pictures that are restored",
        },
      };
    },
  };
}
