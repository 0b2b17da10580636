import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Packages that are built in: of Zod's hundred files few are needed. */
const BUILT_IN = ["zod"];

/** The command line as a few modules, `main.js` first: those that a command does not need are loaded by none. */
export async function bundleCommand(folder) {
  const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
    readFileSync(path("package.json"), "utf8"),
  );
  const packages = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  await build({
    entryPoints: [path("src/cli/main.ts")],
    bundle: true,
    splitting: true,
    minifySyntax: true,
    minifyWhitespace: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    outdir: folder,
    external: packages.filter((name) => !BUILT_IN.includes(name)).flatMap((name) => [name, `${name}/*`]),
    logLevel: "warning",
  });
}
