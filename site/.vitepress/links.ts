import { existsSync, readFileSync, statSync } from "node:fs";
import { join, posix, relative } from "node:path";
import type { MarkdownRenderer } from "vitepress";
import { sourcesOf } from "../../scripts/repository.mjs";
import { pageOf, root } from "./pages.ts";

type RuleCore = Parameters<MarkdownRenderer["core"]["ruler"]["push"]>[1];

/** Where the sources are read; a maintainer sets it in `package.json`. */
export const repositoryAddress = sourcesOf(
  JSON.parse(readFileSync(join(root, "package.json"), "utf8")).repository.url,
);

/** Makes links between Markdown files links between pages, and those to other files links into the repository. */
export const resolveLinks: RuleCore = ({ tokens, env }) => {
  const path: string | undefined = env?.realPath ?? env?.path;
  // A title alone comes without the page that it is of.
  if (path === undefined) return;
  const file = relative(root, path).replaceAll("\\", "/");
  for (const token of tokens.flatMap(({ children }) => children ?? [])) {
    const address = token.type === "link_open" ? token.attrGet("href") : null;
    if (address !== null && !/^(?:[a-z]+:|[#/])/.test(address)) token.attrSet("href", resolve(file, address));
  }
};

function resolve(from: string, address: string): string {
  const [path, hash = ""] = address.split(/(?=#)/);
  const file = posix.join(posix.dirname(from), path);
  // Pages that are generated are checked with all others by the builder.
  if (file.startsWith("site/")) return address;
  if (!existsSync(join(root, file))) throw new Error(`${from} links to ${file}, which does not exist`);
  const isPage = /^(?:docs\/[^/]+|src\/.+\/README)\.md$/.test(file);
  if (isPage) return `/${pageOf(file)}${hash}`;
  const kind = statSync(join(root, file)).isDirectory() ? "tree" : "blob";
  return `${repositoryAddress}/${kind}/main/${file}${hash}`;
}
