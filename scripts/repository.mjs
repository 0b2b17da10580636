// Where the repository is, said once, in package.json's repository.url: `npm run repository` writes what follows from it.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Owner that stands in package.json until a maintainer puts the true one there. */
export const PLACEHOLDER = "your-organisation";

/** `homepage` and `bugs` of a repository.url such as `git+https://github.com/OWNER/NAME.git`: its pages and its issues. */
export function derivedFrom(url) {
  const [, owner, name] = /^git\+https:\/\/github\.com\/([\w.-]+)\/([\w.-]+)\.git$/.exec(url) ?? [];
  if (name === undefined) {
    throw new Error(`repository.url is ${url}; it must look like git+https://github.com/OWNER/NAME.git`);
  }
  return {
    homepage: `https://${owner.toLowerCase()}.github.io/${name}/`,
    bugs: { url: `https://github.com/${owner}/${name}/issues` },
  };
}

/** Where the sources of a repository.url are read. */
export const sourcesOf = (url) => url.replace(/^git\+/, "").replace(/\.git$/, "");

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = new URL("../package.json", import.meta.url);
  const description = JSON.parse(readFileSync(file, "utf8"));
  try {
    Object.assign(description, derivedFrom(description.repository.url));
    writeFileSync(file, `${JSON.stringify(description, null, 2)}\n`);
    console.log(`package.json: ${description.homepage}, ${description.bugs.url}`);
  } catch (error) {
    console.error(`package.json: ${error.message}`);
    process.exitCode = 1;
  }
}
