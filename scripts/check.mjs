// All checks, side by side; what each says comes whole, in this order. Exit status 1 where one finds something.
import { spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { resolve } = createRequire(import.meta.url);
const binOf = (name, path) => join(dirname(resolve(`${name}/package.json`)), path);

const CHECKS = [
  ["oxfmt", binOf("oxfmt", "bin/oxfmt"), "--check"],
  ["oxlint", binOf("oxlint", "bin/oxlint")],
  ["tsc", binOf("typescript", "bin/tsc"), "--noEmit"],
];

const built = spawnSync(process.execPath, [join(root, "scripts/build-generated.mjs")], { stdio: "inherit" });
if (built.status !== 0) process.exit(1);

const outcomes = CHECKS.map(
  ([name, ...words]) =>
    new Promise((done) => {
      const began = performance.now();
      const child = spawn(process.execPath, words, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
      let text = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (part) => (text += part));
      }
      child.on("error", (error) => (text += error.message));
      child.on("close", (code) => done({ name, code, text, seconds: (performance.now() - began) / 1000 }));
    }),
);
for (const outcome of outcomes) {
  const { name, code, text, seconds } = await outcome;
  console.log(`${name}: ${code === 0 ? "ok" : "failed"} after ${seconds.toFixed(1)} s`);
  if (text.trim() !== "") console.log(text.trimEnd());
  if (code !== 0) process.exitCode = 1;
}
