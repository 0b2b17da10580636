// Tries readers of foreign input on as many inputs as one likes: npm run fuzz [-- --runs N] [--seed N] [--only NAME].
// The names are those of `test/fuzz/readers.case.ts`. The same seed tries the same inputs.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    only: { type: "string" },
  },
});
const { runs, seed, only } = values;
console.log(`${runs} inputs a reader, seed ${seed}`);
const root = fileURLToPath(new URL("../", import.meta.url));
const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const { status } = spawnSync(process.execPath, [vitest, "run", "test/fuzz"], {
  cwd: root,
  stdio: "inherit",
  env: {
    ...process.env,
    NEOBLAST_FUZZ_RUNS: runs,
    NEOBLAST_FUZZ_SEED: seed,
    ...(only !== undefined && { NEOBLAST_FUZZ_ONLY: only }),
  },
});
process.exitCode = status ?? 1;
