// Docstrings, as text and tags.
import { isOurs, ts } from "./nodes.mjs";

const TAGS = [
  "internal",
  "deprecated",
  "param",
  "property",
  "returns",
  "yields",
  "throws",
  "template",
  "example",
  "see",
];

export class Docstrings {
  /** @param names of public symbols. @param problem is told of each fault: the node where it is, and a sentence. */
  constructor(checker, names, problem) {
    this.checker = checker;
    this.names = names;
    this.problem = problem;
  }

  /** What the docstring of a node says, and by its tags. */
  of(node, name) {
    const docs = ts.getJSDocCommentsAndTags(node).filter((each) => ts.isJSDoc(each));
    const promised = docs.length === 0 && this.promised(node);
    if (promised) return { ...this.of(promised, name), isPromised: true };
    const tags = {};
    for (const tag of docs.flatMap((each) => each.tags ?? [])) {
      const kind = tag.tagName.text.replace(/^return$/, "returns");
      if (!TAGS.includes(kind)) this.problem(tag, `${name}: @${kind} is no tag of a docstring`);
      const text = this.words(tag.comment, name);
      (tags[kind] ??= []).push({ name: tag.name?.getText(), text });
    }
    return {
      text: docs
        .map((each) => this.words(each.comment, name))
        .join("\n\n")
        .trim(),
      tags,
    };
  }

  /** What a name that was imported or exported stands for. */
  symbolOf(symbol) {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  /** What an interface says of a member that a class has because of it. */
  promised(node) {
    const types = node.parent?.heritageClauses?.flatMap((clause) => clause.types) ?? [];
    return types
      .map((each) => this.checker.getTypeFromTypeNode(each).getProperty(node.name?.getText() ?? ""))
      .find((each) => each?.declarations?.some((declaration) => declaration !== node && isOurs(declaration)))
      ?.declarations[0];
  }

  /** A comment as Markdown: a link to a name has the name for an address. */
  words(comment, name) {
    if (comment === undefined || typeof comment === "string") return (comment ?? "").trim();
    const parts = comment.map((part) => {
      if (!ts.isJSDocLink(part)) return part.text;
      if (part.name === undefined) return part.text;
      const symbol = this.checker.getSymbolAtLocation(part.name);
      const known =
        symbol && (this.names.has(this.symbolOf(symbol)) || (symbol.parent && this.names.has(symbol.parent)));
      const word = part.name.getText();
      if (!known) this.problem(part, `${name} links to ${word}, which is not public`);
      return `[\`${word}\`](${word})${part.text}`;
    });
    return parts.join("").trim();
  }
}
