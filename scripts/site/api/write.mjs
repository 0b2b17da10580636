// The reference as Markdown: a page a topic, with a heading a name, and an overview of each subpath.
import { format } from "oxfmt";
import { topicOf, topics } from "./topics.mjs";

const address = (title) => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");

/**
 * @param subpaths what `readPublic` returns. @param source address of the sources' folder, for links to lines.
 * @returns `pages`, texts by path, and the `sidebar`.
 */
export async function reference(subpaths, source) {
  const homes = new Map();
  const parts = subpaths.map(({ name, docs, also, entries }) => {
    const folder = name.replace(/^neoblast\//, "");
    const pages = topics[name]
      .map(([title]) => ({
        title,
        link: `/reference/api/${folder}/${address(title)}`,
        entries: ordered(
          entries.filter(({ file }) => topicOf(name, file).title === title),
          name,
        ),
      }))
      .filter((page) => page.entries.length > 0);
    for (const { title, link, entries: listed } of pages) {
      const taken = new Set([address(title)]);
      const place = (word) => {
        // HANDWRITING is not handwriting; addresses have no capitals.
        const id = taken.has(address(word)) ? `${address(word)}-2` : address(word);
        taken.add(id);
        return id;
      };
      for (const each of listed) {
        each.id = place(each.name);
        for (const method of each.methods ?? []) method.id = place(`${each.name}.${method.name}`);
        const members = new Map(each.methods?.map((method) => [method.name, method.id]));
        homes.set(each.name, { link, id: each.id, members });
      }
    }
    return { name, folder, docs, also, pages };
  });
  const writer = new Writer(homes, source);
  const pages = { "index.md": writer.index(parts) };
  for (const part of parts) {
    pages[`${part.folder}/index.md`] = writer.overview(part);
    for (const page of part.pages) {
      pages[`${part.folder}/${address(page.title)}.md`] = await writer.page(part, page);
    }
  }
  const sidebar = parts.map(({ name, folder, pages: listed }) => ({
    text: name,
    link: `/reference/api/${folder}/`,
    collapsed: true,
    items: listed.map(({ title, link }) => ({ text: title, link })),
  }));
  return { pages, sidebar };
}

const SIGNS = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "{": "&#123;",
  "}": "&#125;",
  "[": "&#91;",
  "]": "&#93;",
  "*": "&#42;",
  _: "&#95;",
  "`": "&#96;",
  "|": "&#124;",
  "\\": "&#92;",
  "~": "&#126;",
};

/** A first sentence, for lists. */
const firstSentence = (text) =>
  /^.*?[.:;](?=\s|$)/s.exec(text.replaceAll(/\s+/g, " "))?.[0].replace(/[:;]$/, ".") ?? text;

class Writer {
  constructor(homes, source) {
    this.homes = homes;
    this.source = source;
  }

  index(parts) {
    const lists = parts.flatMap(({ name, folder, docs, pages }) => [
      `## [${name}](/reference/api/${folder}/)`,
      this.about(docs),
      pages.map(({ title, link }) => `[${title}](${link})`).join(" · "),
    ]);
    return paragraphs(["# API", "What programs import, by the subpaths of the package.", ...lists]);
  }

  /** What a subpath is, without its name. */
  about({ text }) {
    return this.prose(text.replace(/^`[^`]+`: /, "").replace(/^./, (letter) => letter.toUpperCase()));
  }

  names(lead, entries) {
    return entries.length === 0 ? "" : `${lead}${entries.map(({ name }) => this.name(name)).join(", ")}.`;
  }

  overview({ name, docs, also, pages }) {
    const lists = pages.flatMap(({ title, link, entries }) => [
      `## [${title}](${link})`,
      list(
        entries
          .filter((each) => rankOf(each) < 2)
          .map((each) => `${this.name(each.name)} ${this.prose(firstSentence(each.docs.text))}`),
      ),
      this.names(
        "Types: ",
        entries.filter((each) => rankOf(each) === 2),
      ),
    ]);
    const others = this.names(
      "Also exported: ",
      also.map((each) => ({ name: each })),
    );
    return paragraphs([`# ${name}`, this.about(docs), ...lists, others]);
  }

  async page({ name }, { title, entries }) {
    const described = [];
    for (const each of entries) described.push(...(await this.entry(each)));
    return paragraphs([`# ${title}`, `From \`${name}\`.`, ...described]);
  }

  async entry(entry) {
    const { name, id, kind, docs, code, parameters = [], fields = [], methods = [] } = entry;
    const members = [];
    for (const each of methods) members.push(...(await this.method(name, each)));
    return [
      `## ${name} {#${id}}`,
      ...(code ? [await typescript(code)] : []),
      this.prose(docs.text),
      ...this.parameters(parameters),
      ...(kind !== "function" && fields.length > 0 ? [this.fields(fields)] : []),
      ...this.rest(entry),
      this.place(entry),
      ...members,
    ];
  }

  async method(owner, method) {
    return [
      `### ${owner}.${method.name} {#${method.id}}`,
      await typescript(`${method.fixed ? "static " : ""}${method.code}`),
      this.prose(method.docs.text),
      ...this.parameters(method.parameters),
      ...this.rest(method),
    ];
  }

  parameters(parameters) {
    const isPlain = parameters.every(
      (each) => each.text === "" && each.fields.length === 0 && !this.leads(each.type),
    );
    if (isPlain) return [];
    return [this.fields(parameters.flatMap((each) => (each.name === "" ? each.fields : [each])))];
  }

  rest({ docs, returned, throws = docs.tags.throws ?? [] }) {
    const said = (word, { text }) => `**${word}** ${this.prose(text)}`;
    const isNews = returned && (returned.text !== "" || this.leads(returned.type));
    return [
      ...(isNews
        ? [`**Returns** ${[this.type(returned.type), this.prose(returned.text)].filter(Boolean).join(" — ")}`]
        : []),
      ...(docs.tags.yields ?? []).map((tag) => said("Yields", tag)),
      ...throws.map((tag) => said("Throws", tag)),
      ...(docs.tags.see ?? []).map((tag) => said("See", tag)),
      ...(docs.tags.example ?? []).map(({ text }) => text),
    ];
  }

  place({ file, line }) {
    return `<small>[src/${file}:${line}](${this.source}/${file}#L${line})</small>`;
  }

  /** Whether a type mentions a name that is described here. */
  leads(type) {
    return (type.match(/\b[A-Z]\w*/g) ?? []).some((word) => this.homes.has(word));
  }

  fields(fields, indent = "") {
    return fields
      .map(({ name, fixed, optional, type, text, fields: inner = [] }) => {
        const typed = type === "" ? "" : ` ${this.type(type)}`;
        const head = `${indent}- **${fixed ? "static " : ""}${escaped(name)}**${optional ? "?" : ""}${typed}`;
        const said = text === "" ? "" : ` — ${this.prose(text).replaceAll(/\n\s*/g, `\n${indent}  `)}`;
        return `${head}${said}${inner.length === 0 ? "" : `\n${this.fields(inner, `${indent}  `)}`}`;
      })
      .join("\n");
  }

  /** A type whose names lead to what they are. */
  type(text) {
    const words = text.split(/("[^"]*"|\b[A-Za-z_]\w*\b)/);
    const linked = words.map((word) => {
      const home = /^[A-Z]/.test(word) ? this.homes.get(word) : undefined;
      return home ? `[${word}](${home.link}#${home.id})` : escaped(word);
    });
    return `<code>${linked.join("")}</code>`;
  }

  /** Text of a docstring, whose names lead to what they are. */
  prose(text) {
    return text
      .split(/(\[`[^`]+`\]\([\w.]+\)|`[^`]+`)/)
      .map((part) =>
        part.startsWith("[`")
          ? this.name(part.slice(2, part.indexOf("`", 2)))
          : part.startsWith("`")
            ? this.mention(part.slice(1, -1))
            : part.replaceAll("<", "&lt;").replaceAll("{{", "&#123;&#123;"),
      )
      .join("");
  }

  /** Code in a text, which leads to what it names; a lone word may name something else. */
  mention(word) {
    return /[A-Z]/.test(word) ? this.name(word) : `\`${word}\``;
  }

  name(word) {
    const [, name, member] = /^(\w+)(?:\.(\w+))?(?:\(\))?$/.exec(word) ?? [];
    const home = this.homes.get(name);
    if (home === undefined) return `\`${word}\``;
    return `[\`${word}\`](${home.link}#${home.members.get(member) ?? home.id})`;
  }
}

const paragraphs = (parts) => `${parts.filter((part) => part !== "").join("\n\n")}\n`;
const list = (items) => items.map((item) => `- ${item}`).join("\n");
const escaped = (text) => text.replaceAll(/[&<>{}[\]*_`|\\~]/g, (sign) => SIGNS[sign]);

/** What does something, then what has methods, then what is no more than a type. */
const rankOf = ({ kind, methods }) => (kind !== "type" ? 0 : methods?.length ? 1 : 2);

/** In the order of the places of their topic, and in a file by rank. */
function ordered(entries, subpath) {
  const files = [...new Set(entries.map(({ file }) => file))];
  const key = (each) => [
    topicOf(subpath, each.file).index,
    files.indexOf(each.file),
    rankOf(each),
    each.line,
  ];
  const keyed = entries.map((each) => ({ each, key: key(each) }));
  return keyed.toSorted((a, b) => compare(a.key, b.key)).map(({ each }) => each);
}

const compare = (a, b) => a.map((number, i) => number - b[i]).find((difference) => difference !== 0) ?? 0;

async function typescript(code) {
  // A function without a body, or a method, is no statement: it is laid out as one, and taken out again.
  const isCall = !/^(?:type|const) /.test(code);
  const wrapped = isCall
    ? code
        .split("\n")
        .map((line) => `declare function ${line.replace(/^new /, "new_").replace(/^static /, "static_")};`)
        .join("\n")
    : code.startsWith("const")
      ? `declare ${code};`
      : `${code};`;
  const { code: text, errors } = await format("signature.ts", wrapped, { printWidth: 84 });
  if (errors.length > 0) throw new Error(`${errors[0].message}: ${wrapped}`);
  const shown = text
    .replaceAll(/^declare (?:function )?/gm, "")
    .replaceAll(/^(new|static)_/gm, "$1 ")
    .replaceAll(/;$/gm, (sign) => (isCall ? "" : sign));
  return `\`\`\`ts\n${shown.trim()}\n\`\`\``;
}
