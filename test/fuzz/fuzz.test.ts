/**
 * Every reader of foreign input meets inputs that are almost right, and either reads them or refuses them in a sentence,
 * soon, and with no more memory than they are worth. `npm run fuzz -- --runs 100000` tries as many as one likes.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../src/errors.ts";
import { readers } from "./readers.case.ts";

const RUNS = Number(process.env.NEOBLAST_FUZZ_RUNS ?? 60);
const SEED = Number(process.env.NEOBLAST_FUZZ_SEED ?? 1);
const only = process.env.NEOBLAST_FUZZ_ONLY;
/** Seconds of computing that an input may take, in all threads. */
const PATIENCE = 1;
/** Bytes that reading may take, and so many times those of the input more. */
const ROOM = 2 ** 25;
const TIMES = 100;
/** Longest sentence. */
const LONGEST = 2000;

function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function complaint(read: () => unknown): Promise<string | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
}

describe.each(readers.filter(({ name }) => only === undefined || name === only))(
  "$name",
  ({ inputs, read, lenient, size = (input: Uint8Array) => input.length }) => {
    it(`reads or refuses ${RUNS} inputs`, { timeout: 0 }, async () => {
      let refused = 0;
      await fc.assert(
        fc.asyncProperty(inputs, async (input) => {
          const before = { memory: memory(), cpu: process.cpuUsage() };
          const said = await complaint(() => read(input));
          const { user, system } = process.cpuUsage(before.cpu);
          expect((user + system) / 1e6, "seconds").toBeLessThan(PATIENCE);
          expect(memory() - before.memory, "bytes").toBeLessThan(ROOM + TIMES * size(input));
          if (said === undefined) return;
          refused++;
          expect(said.length, said.slice(0, 200)).toBeLessThan(LONGEST);
          expect(said).not.toContain("\n");
        }),
        { numRuns: RUNS, seed: SEED, endOnFailure: RUNS > 1000 },
      );
      if (!lenient) expect(refused, "inputs refused").toBeGreaterThan(RUNS / 10);
    });
  },
);
