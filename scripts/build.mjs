// Builds everything into dist/: what is generated, the TypeScript sources, and <nca-canvas> as one file.
import { execFileSync } from "node:child_process";
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleElement } from "./element.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const node = (...args) => execFileSync(process.execPath, args, { stdio: "inherit", cwd: root });

node("scripts/build-generated.mjs");
rmSync(join(root, "dist"), { recursive: true, force: true });
node(tsc, "-p", "tsconfig.build.json");
copyFileSync(join(root, "src/render/OFL.txt"), join(root, "dist/render/OFL.txt"));
writeFileSync(join(root, "dist/element/nca-canvas.js"), await bundleElement());
