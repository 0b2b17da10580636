// The reference of the programming interface, out of the docstrings of all public names.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const site = fileURLToPath(new URL("../../site/", import.meta.url));
const { resolve } = createRequire(join(site, "package.json"));

/** Writes a page a public name, an overview a subpath of the package, and `sidebar.json`. */
export async function writeApi(folder) {
  const { Application } = await import(pathToFileURL(resolve("typedoc")).href);
  const application = await Application.bootstrapWithPlugins({
    options: join(site, "typedoc.json"),
    out: folder,
  });
  const project = await application.convert();
  if (project === undefined) throw new Error("the reference cannot be made: the sources do not compile");
  await application.generateOutputs(project);
  writeFileSync(join(folder, "sidebar.json"), "[]\n");
}
