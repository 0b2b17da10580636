// Runs tests under another Node, which npm brings as the package `node`: npm run test:node -- 24 [test files, options of Vitest]
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const [version, ...words] = process.argv.slice(2);
if (!/^\d+(?:\.\d+){0,2}$/.test(version ?? "")) {
  console.error("onNode: usage: npm run test:node -- 24 [test files, options of Vitest]");
  process.exit(2);
}
const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const args = ["--yes", "--package", `node@${version}`, "--", "node", vitest, "run", ...words];
const child = spawn("npx", args, { stdio: "inherit", shell: process.platform === "win32" });
child.on("error", (error) => {
  console.error(`onNode: npx does not start: ${error.message}`);
  process.exitCode = 1;
});
child.on("close", (code) => (process.exitCode = code ?? 1));
