// Builds everything into dist/: what is generated, the TypeScript sources, <nca-canvas> as two files, and the command in few
// files, which start faster than many. Aside first, so that a command that runs meanwhile finds its modules, and a build
// that fails leaves the last one. Nothing is done where the last build would come out the same.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleCommand } from "./command.mjs";
import { bundleElement } from "./element.mjs";
import { placeTree } from "./place.mjs";
import { digestOf, filesIn, generatedFiles, isCurrent, leave, sourceFiles } from "./stamp.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const node = (...args) => execFileSync(process.execPath, args, { stdio: "inherit", cwd: root });

const STAMP = "dist/.built";
const dist = join(root, "dist");
mkdirSync(dist, { recursive: true });
node("scripts/build-generated.mjs");
const read = digestOf([...sourceFiles(), ...generatedFiles()]);
if (!isCurrent(STAMP, read, filesIn("dist"))) {
  const aside = mkdtempSync(join(dist, ".build-"));
  try {
    node(tsc, "-p", "tsconfig.build.json", "--outDir", aside);
    copyFileSync(join(root, "src/render/OFL.txt"), join(aside, "render/OFL.txt"));
    for (const name of ["react.d.ts", "svelte.d.ts", "vue.d.ts"]) {
      copyFileSync(join(root, "src/element", name), join(aside, "element", name));
    }
    for (const [name, text] of Object.entries(await bundleElement())) {
      writeFileSync(join(aside, "element", name), text);
    }
    await bundleCommand(join(aside, "bin"));
    placeTree(aside, dist);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  leave(STAMP, read, filesIn("dist"));
}
