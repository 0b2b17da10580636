/** What came out of a training: how well cells of pictures agree that training has not seen. */
import * as z from "zod/mini";
import { type Agreement, agreementSchema, measureAgreement } from "../../analysis/classification.ts";
import type { PictureSet } from "../../data/pictureSet.ts";
import type { Engine } from "../../engine.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { pcg4d, STREAM } from "../../random.ts";
import { type ClassificationConfig, labelled } from "./config.ts";

/** Pictures, and steps at which their cells are asked; after the last, each becomes another picture. */
export const COUNT = 1000;
export const STEPS: readonly number[] = [20, 50, 200];
export const STEPS_AFTER = 200;

/** Plain JSON. */
export const classificationReportSchema = z.object({
  /** Pictures that were held out and shown. */
  pictures: z.int(),
  agreement: z.array(agreementSchema),
});
export type ClassificationReport = Readonly<z.infer<typeof classificationReportSchema>>;

/**
 * Measures a model on the first thousand of pictures.
 *
 * @param pictures held out. @param count shows fewer.
 * @throws what `Engine.rollout` throws.
 */
export async function reportClassification(
  {
    engine,
    config,
    pictures,
  }: Readonly<{ engine: Engine; config: ClassificationConfig; pictures: PictureSet }>,
  parameters: Float32Array,
  { count = COUNT, signal }: Readonly<{ count?: number; signal?: AbortSignal }> = {},
): Promise<ClassificationReport> {
  const { rule, readout } = splitRule(config.rule);
  const agreement = await measureAgreement({
    engine,
    model: { rule, parameters, readout: { ...readout, classes: readout.classes! } },
    pictures: labelled(pictures, config.data.source),
    count,
    steps: STEPS,
    stepsAfter: STEPS_AFTER,
    seed: pcg4d(config.seed, STREAM.validation, 0, 0),
    ...(signal && { signal }),
  });
  return { pictures: Math.min(count, pictures.count), agreement };
}

/** A sentence for each time that cells were asked. */
export function reportText({ pictures, agreement }: ClassificationReport): string[] {
  return [`Of ${pictures.toLocaleString("en")} held-out pictures:`, ...agreement.map(momentText)];
}

function momentText({ step, changed, cells, agreed, right }: Agreement): string {
  const when = changed ? `${STEPS_AFTER} steps after each became another` : `after ${step} steps`;
  return `  ${when} ${percent(cells)} of cells are right; on ${percent(agreed)} of pictures all agree, on ${percent(right)} rightly`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
