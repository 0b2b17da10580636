// The reference of the programming interface, out of the docstrings of all public names.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sourcesOf } from "../repository.mjs";
import { readPublic } from "./api/read.mjs";
import { reference } from "./api/write.mjs";

/** Writes the pages and `sidebar.json`. @throws Error where a public name is not described as it should be. */
export async function writeApi(folder) {
  const { subpaths, problems } = readPublic();
  if (problems.length > 0) throw new Error(`the reference is not whole:\n${problems.join("\n")}`);
  const { repository } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const { pages, sidebar } = await reference(subpaths, `${sourcesOf(repository.url)}/blob/main/src`);
  for (const [path, text] of Object.entries(pages)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(join(folder, "sidebar.json"), JSON.stringify(sidebar));
}
