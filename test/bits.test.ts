/** Short trainings give the numbers that they gave when this list was made: whatever is rebuilt, the bits stay. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createEngine } from "../src/node/engine.ts";
import { automatonBits, type Bits, networkBits } from "./bits.ts";

// Made by `UPDATE=1 npx vitest run test/bits.test.ts`, which is right only where numbers are meant to change.
const file = new URL("approved/bits.json", import.meta.url);
const approved = (): Bits => JSON.parse(readFileSync(file, "utf8"));

it.runIf(process.env.UPDATE)("makes the list again", async () => {
  const engine = await createEngine({ threads: 0, kernels: "strict" });
  const bits = { ...(await automatonBits(engine)), ...(await networkBits(engine)) };
  await engine.dispose();
  writeFileSync(file, `${JSON.stringify(bits, null, 2)}\n`);
});

it("automaton, engine, growing, evolution: every bit, with strict kernels", async () => {
  const engine = await createEngine({ threads: 0, kernels: "strict" });
  const bits = await automatonBits(engine);
  await engine.dispose();
  const expected = approved();
  expect(bits).toEqual(Object.fromEntries(Object.keys(bits).map((name) => [name, expected[name]])));
});

// The other library's kernels round as the machine does.
it("digits and reinforcement: objectives within rounding", async () => {
  const engine = await createEngine({ threads: 0, kernels: "strict" });
  const bits = await networkBits(engine);
  await engine.dispose();
  const expected = approved();
  const objectives = Object.keys(bits).filter((name) => name.endsWith("objectives"));
  expect(objectives).toHaveLength(3);
  for (const name of objectives) {
    const wanted = expected[name].split(",").map(Number);
    for (const [step, value] of bits[name].split(",").map(Number).entries()) {
      expect(Math.abs(value - wanted[step]), `${name}, step ${step}`).toBeLessThanOrEqual(
        1e-5 * Math.abs(wanted[step]),
      );
    }
  }
});
