/** Models published with articles of Distill, on growing (2020) and on textures (2021); they lie beside the repository, not in it. */
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

const textures = fileURLToPath(new URL("../../shared/fixtures/textures/models.json", import.meta.url));

/** The file of all published textures; undefined where it is missing, for which a test is skipped, saying so. */
export const texturesFile = existsSync(textures) ? textures : undefined;
export const NO_TEXTURES = `needs the published models in ${textures}`;
