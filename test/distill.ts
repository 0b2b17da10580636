/** Models published with "Growing Neural Cellular Automata" (Distill 2020); they lie beside the repository, not in it. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { importDistill } from "../src/importers/distill.ts";
import type { Model } from "../src/model/model.ts";

const folder = fileURLToPath(new URL("../../shared/fixtures/distill/", import.meta.url));

/** What a test says that is skipped without them. */
export const NO_DISTILL_MODELS = `needs the published models in ${folder}`;

/** The file of a published model, such as `ex3_1f98e`; undefined where the folder is missing. */
export function distillFile(name: string): string | undefined {
  const file = `${folder}${name}.json`;
  return existsSync(file) ? file : undefined;
}

/** A published model; undefined where the folder is missing. */
export function readDistillModel(name: string): Model | undefined {
  const file = distillFile(name);
  return file === undefined ? undefined : importDistill(readFileSync(file)).model;
}
