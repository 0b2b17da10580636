/** How well spoilt pictures are restored, by how much of them was spoilt. */
import * as z from "zod/mini";
import type { PictureSet } from "../../data/pictureSet.ts";
import type { Engine } from "../../engine.ts";
import { disposeStates } from "../../engine/states.ts";
import { expandWindow } from "../../engine/window.ts";
import type { PictureModel } from "../../model/model.ts";
import { type Corruption, corrupt, corruptionKinds } from "./corruption.ts";
import type { Restoration } from "./config.ts";
import { differenceOf, spoiltState } from "./restoration.ts";

/** Pictures of each kind and level, and the steps after which they are looked at. */
export const COUNT = 100;
export const STEPS: readonly number[] = [16, 32, 200];
const BATCH = 25;

/** What is measured: noise of more and more, and pixels that are missing in two ways. */
const measured: Readonly<Record<Restoration, readonly Corruption[]>> = {
  denoise: [0.1, 0.3, 0.5, 0.7, 0.9].map((level) => ({ kind: "noise", level })),
  complete: (["scattered", "block"] as const).flatMap((kind) =>
    [0.3, 0.5, 0.7].map((level) => ({ kind, level })),
  ),
};

const error = z.number().check(z.minimum(0));

/** Plain JSON. */
export const restorationReportSchema = z.object({
  /** Held-out pictures of each kind and level. */
  pictures: z.int(),
  levels: z.array(
    z.object({
      kind: z.enum(corruptionKinds),
      level: z.number(),
      /** Mean squared error of what is given. */
      given: error,
      /** Of what cells make of it. */
      restored: z.array(z.object({ step: z.int(), error: z.nullable(error) })),
    }),
  ),
});
export type RestorationReport = Readonly<z.infer<typeof restorationReportSchema>>;

/** @throws what `Engine.rollout` throws. */
export async function measureRestoration({
  what,
  engine,
  model: { rule, readout, parameters },
  pictures,
  count = COUNT,
  steps = STEPS,
  seed,
  onProgress = () => {},
  signal,
}: Readonly<{
  what: Restoration;
  engine: Engine;
  model: Pick<PictureModel, "rule" | "readout" | "parameters">;
  /** Held out; the first so many are spoilt. */
  pictures: PictureSet;
  count?: number;
  /** Ascending. */
  steps?: readonly number[];
  /** Of what is spoilt, and of fire masks. */
  seed: number;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}>): Promise<RestorationReport> {
  const { grid } = pictures;
  const total = Math.min(count, pictures.count);
  const levels: RestorationReport["levels"] = [];
  for (const [number, corruption] of measured[what].entries()) {
    let given = 0;
    const sums = steps.map(() => 0);
    for (let first = 0; first < total; first += BATCH) {
      const ids = Array.from({ length: Math.min(BATCH, total - first) }, (_, i) => first + i);
      const originals = ids.map((id) => pictures.picture(id));
      const starts = originals.map((picture, i) =>
        spoiltState(corrupt(picture, grid, corruption, [seed, number, ids[i]]), rule.channels, readout),
      );
      starts.forEach((start, i) => (given += differenceOf(start, rule.channels, readout, originals[i])));
      const rollout = await engine.rollout({
        rule,
        grid,
        parameters,
        states: starts,
        steps: steps[steps.length - 1],
        keep: steps.slice(0, -1),
        seed,
        sampleIds: ids,
        ...(signal && { signal }),
      });
      for (const [at, step] of steps.entries()) {
        const states =
          at === steps.length - 1 ? rollout.final : ids.map((_, sample) => rollout.kept(sample, step));
        const windows = await engine.read(states);
        disposeStates(states);
        for (const [i, window] of windows.entries()) {
          const state = expandWindow(window, grid, rule.channels);
          sums[at] += differenceOf(state, rule.channels, readout, originals[i]);
        }
      }
      rollout.dispose();
      onProgress(number * total + first + ids.length, measured[what].length * total);
    }
    levels.push({
      ...corruption,
      given: given / total,
      restored: steps.map((step, at) => {
        const mean = sums[at] / total;
        return { step, error: Number.isFinite(mean) ? mean : null };
      }),
    });
  }
  return { pictures: total, levels };
}

/** What came out, as rows of words. */
export function reportRows({ levels }: RestorationReport): string[][] {
  const steps = levels[0].restored.map(({ step }) => `${step} steps`);
  return [
    ["mean squared error", "given", ...steps],
    ...levels.map(({ kind, level, given, restored }) => [
      `${kind} ${level}`,
      given.toFixed(4),
      ...restored.map((each) => each.error?.toFixed(4) ?? "diverged"),
    ]),
  ];
}
