// Nodes of TypeScript's syntax tree.
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));
/** The compiler as a library, which that of the root no longer is. */
export const ts = createRequire(join(root, "site/package.json"))("typescript");

export const isOurs = (node) => !node.getSourceFile().fileName.includes("/node_modules/");

/** The text of a node in one line, without comments. */
export const plain = (node) =>
  node
    .getText()
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")
    .replaceAll(/\s+/g, " ");

/** What to call a value of a type: the last word of its name. */
export const nameFor = (type) => /^\w*?([A-Z][a-z]+)$/.exec(type)?.[1].toLowerCase() ?? "options";

/** The type that a value is said to satisfy, or to be. */
export const satisfied = (node) =>
  node && ts.isSatisfiesExpression(node)
    ? node.type
    : node && ts.isAsExpression(node) && !ts.isConstTypeReference(node.type)
      ? node.type
      : undefined;

/** What nobody outside may use. */
export const isHidden = (node) =>
  ts.getJSDocTags(node).some(({ tagName }) => tagName.text === "internal") ||
  (ts.canHaveModifiers(node) &&
    ts
      .getModifiers(node)
      ?.some(
        ({ kind }) => kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword,
      )) ||
  (node.name !== undefined && ts.isPrivateIdentifier(node.name));
