/** What a sweep says at its end, and its files: a table, comma-separated values, and a page. */
import { join } from "node:path";
import { textTable } from "../../experiments/evaluation.ts";
import { writeFileAtomic } from "../../node/files.ts";
import { sweepCsv, type SweepState, sweepTables } from "../../sweep/results.ts";
import { print } from "../terminal/print.ts";
import { readSweep } from "./folder.ts";

export const CSV_FILE = "sweep.csv";
export const PAGE_FILE = "sweep.html";

/** The tables of a sweep, a line each. */
export function reportLines(state: SweepState): string[] {
  const { arms, subjects } = sweepTables(state);
  return [...textTable(arms), ...(subjects.length > 0 ? ["", ...textTable(subjects)] : [])];
}

/** Writes the files of a sweep into its folder. @returns their names. */
export async function writeReport(path: string, state: SweepState): Promise<string[]> {
  const { sweepPage } = await import("../../sweep/page.ts");
  await writeFileAtomic(join(path, CSV_FILE), sweepCsv(state));
  await writeFileAtomic(join(path, PAGE_FILE), sweepPage(state));
  return [CSV_FILE, PAGE_FILE];
}

/** `neoblast sweep report`: the same at any time, also while a sweep goes on. */
export async function reportSweep(path: string): Promise<void> {
  const state = await readSweep(path);
  await writeReport(path, state);
  print(...reportLines(state));
}
