// The site: `npm run site` serves it while its pages are written, `npm run build:site` builds it into site/dist/.
// What it needs is built first, and only where it is not there as it would be made.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeApi } from "./site/api.mjs";
import { writeCommands } from "./site/commands.mjs";
import { brokenLinks } from "./site/links.mjs";
import { placePublic } from "./site/public.mjs";
import { digestOf, filesIn, generatedFiles, isCurrent, leave, sourceFiles } from "./stamp.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const binOf = (name, path) =>
  join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), path);

const STAMP = "site/generated/.made";
const read = digestOf([
  ...sourceFiles(),
  ...generatedFiles(),
  "site/.vitepress/theme/pictures.json",
  ...filesIn("playground").filter((path) => !path.startsWith("playground/dist/")),
]);
const made = () => filesIn("site/generated").filter((path) => !path.startsWith("site/generated/cache/"));
if (!isCurrent(STAMP, read, made())) {
  for (const part of ["api", "commands", "public"]) {
    rmSync(join(root, "site/generated", part), { recursive: true, force: true });
  }
  mkdirSync(join(root, "site/generated"), { recursive: true });
  await writeCommands(join(root, "site/generated/commands"));
  await writeApi(join(root, "site/generated/api"));
  await placePublic(join(root, "site/generated/public"));
  leave(STAMP, read, made());
}

const [command = "dev", ...words] = process.argv.slice(2);
const vitepress = binOf("vitepress", "bin/vitepress.js");
const { status } = spawnSync(process.execPath, [vitepress, command, "site", ...words], {
  stdio: "inherit",
  cwd: root,
});
process.exitCode = status ?? 1;
if (command === "build" && status === 0) {
  const broken = brokenLinks(join(root, "site/dist"));
  for (const sentence of broken) console.error(sentence);
  if (broken.length > 0) process.exitCode = 1;
}
