// What the package makes public, as its sources say it: names, types as they are written there, and docstrings.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const ts = createRequire(join(root, "site/package.json"))("typescript");

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
const WHOLE = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;

/**
 * Reads the sources of all subpaths.
 *
 * @returns `subpaths`, each with its `name`, its `docs` and its `entries`, and `problems`: a sentence for each name without
 * a docstring, docstring that does not fit what it describes, and name that a public one mentions but that is not public.
 */
export function readPublic() {
  const { exports, name: packageName } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const files = Object.entries(exports).map(([key, { types }]) => ({
    name: packageName + key.slice(1),
    file: join(root, types.replace("./dist/", "src/").replace(".d.ts", ".ts")),
  }));
  const config = ts.readConfigFile(join(root, "tsconfig.build.json"), ts.sys.readFile).config;
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  const program = ts.createProgram(
    files.map(({ file }) => file),
    { ...options, noEmit: true },
  );
  return new Reader(program.getTypeChecker()).read(
    files.map(({ name, file }) => ({ name, source: program.getSourceFile(file) })),
  );
}

const isOurs = (node) => !node.getSourceFile().fileName.includes("/node_modules/");

class Reader {
  problems = [];
  /** The name of each public symbol. */
  names = new Map();

  constructor(checker) {
    this.checker = checker;
  }

  read(files) {
    const listed = files.map(({ name, source }) => ({
      name,
      source,
      symbols: this.checker
        .getExportsOfModule(this.checker.getSymbolAtLocation(source) ?? source.symbol)
        .map((symbol) => [
          symbol.name,
          this.symbolOf(symbol),
          symbol.declarations.some(ts.isTypeOnlyExportDeclaration),
        ]),
    }));
    for (const { symbols } of listed) for (const [name, symbol] of symbols) this.names.set(symbol, name);
    const seen = new Set();
    const subpaths = listed.map(({ name: subpath, source, symbols }) => ({
      name: subpath,
      docs: this.docsOf(source.statements[0], subpath),
      // What another subpath exports, too, is described there.
      also: symbols.filter(([, symbol]) => seen.has(symbol)).map(([name]) => name),
      entries: symbols
        .filter(([, symbol]) => !seen.has(symbol) && seen.add(symbol))
        .map(([name, symbol, isType]) => this.entryOf(name, symbol, isType)),
    }));
    return { subpaths, problems: this.problems };
  }

  symbolOf(symbol) {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  entryOf(name, symbol, isType) {
    const node =
      symbol.declarations.find((each) => !ts.isFunctionDeclaration(each) || each.body) ??
      symbol.declarations[0];
    const entry = { name, ...this.placeOf(node), ...this.describe(name, symbol, node, isType) };
    if (entry.docs.text === "") this.problem(node, `${name} has no docstring`);
    return entry;
  }

  describe(name, symbol, node, isType) {
    if (ts.isFunctionDeclaration(node))
      return { kind: "function", ...this.callableOf(name, symbol.declarations) };
    if (ts.isClassDeclaration(node) && isType)
      return { kind: "type", docs: this.docsOf(node, name), ...this.membersOf(name, symbol, true) };
    if (ts.isClassDeclaration(node)) return { kind: "class", ...this.classOf(name, symbol, node) };
    if (ts.isVariableDeclaration(node)) return this.variableOf(name, symbol, node);
    return { kind: "type", ...this.typeOf(name, symbol, node) };
  }

  /** A function, method or constructor, with all its overloads. */
  callableOf(name, declarations) {
    const shown = declarations.length > 1 ? declarations.filter((each) => !each.body) : declarations;
    const docs = this.docsOf(shown[0], name);
    for (const each of shown) this.check(each, name);
    const parameters = this.parametersOf(shown.at(-1), docs, name);
    const code = shown.map((each) => this.signatureOf(name, each, parameters)).join("\n");
    return { docs, code, parameters, returned: this.returnedOf(shown[0], docs) };
  }

  returnedOf(declaration, docs) {
    const type = declaration.type ? plain(declaration.type) : "";
    return { type: type === "void" ? "" : type, text: docs.tags.returns?.[0]?.text ?? "" };
  }

  signatureOf(name, declaration, parameters) {
    const list = declaration.parameters.map((each, index) => {
      const called = parameters[index]?.name ?? each.name.getText();
      const rest = each.dotDotDotToken ? "..." : "";
      const mark = each.questionToken || (each.initializer && !ts.isIdentifier(each.name)) ? "?" : "";
      const type = each.type ? plain(each.type) : this.text(this.checker.getTypeAtLocation(each), each);
      const value = each.initializer && !mark ? ` = ${plain(each.initializer)}` : "";
      return `${rest}${called}${mark}: ${type}${value}`;
    });
    const generics = declaration.typeParameters?.map(plain).join(", ");
    const signature = this.checker.getSignatureFromDeclaration(declaration);
    const result = ts.isConstructorDeclaration(declaration)
      ? ""
      : `: ${declaration.type ? plain(declaration.type) : this.text(signature.getReturnType(), declaration)}`;
    return `${name}${generics ? `<${generics}>` : ""}(${list.join(", ")})${result}`;
  }

  /** Parameters as they are described: what a docstring says of the fields of one that is taken apart stands with them. */
  parametersOf(declaration, docs, name) {
    const tags = docs.tags.param ?? [];
    const open = new Map(tags.map((tag) => [tag.name, tag.text]));
    const take = (key) => {
      const text = open.get(key) ?? "";
      open.delete(key);
      return text;
    };
    const named = declaration.parameters
      .filter((each) => ts.isIdentifier(each.name))
      .map((each) => each.name.text);
    const result = declaration.parameters.map((parameter, index) => {
      const taken = !ts.isIdentifier(parameter.name);
      const free = tags[index]?.name;
      const called = taken
        ? free && !free.includes(".") && !named.includes(free) && !this.fieldNames(parameter).includes(free)
          ? free
          : "options"
        : parameter.name.text;
      const fields = this.inlineFields(parameter.type ?? parameter, name).map((field) => ({
        ...field,
        text: field.text || take(`${called}.${field.name}`) || (taken ? take(field.name) : ""),
      }));
      return {
        name: called,
        type:
          fields.length > 0
            ? ""
            : parameter.type
              ? plain(parameter.type)
              : this.text(this.checker.getTypeAtLocation(parameter), parameter),
        optional: Boolean(parameter.questionToken || parameter.initializer),
        text: take(called),
        fields,
      };
    });
    for (const key of docs.isPromised ? [] : open.keys())
      this.problem(declaration, `${name} has no parameter ${key}, which its docstring describes`);
    return result;
  }

  fieldNames(parameter) {
    return this.checker
      .getPropertiesOfType(this.checker.getTypeAtLocation(parameter))
      .map((each) => each.name);
  }

  classOf(name, symbol, node) {
    const constructor = node.members.find((each) => ts.isConstructorDeclaration(each));
    const built = constructor && !isHidden(constructor) ? this.callableOf(`new ${name}`, [constructor]) : {};
    const docs = this.docsOf(node, name);
    return { ...built, docs, ...this.membersOf(name, symbol), throws: built.docs?.tags.throws };
  }

  membersOf(owner, symbol, isType = false) {
    const type = this.checker.getDeclaredTypeOfSymbol(symbol);
    const statics =
      symbol.valueDeclaration && !isType
        ? this.checker
            .getPropertiesOfType(this.checker.getTypeOfSymbol(symbol))
            .filter((each) => each.name !== "prototype")
        : [];
    const fields = [];
    const methods = [];
    for (const [property, fixed] of [
      ...statics.map((each) => [each, true]),
      ...this.checker.getPropertiesOfType(type).map((each) => [each, false]),
    ]) {
      const declarations = property.declarations?.filter((each) => isOurs(each) && !isHidden(each)) ?? [];
      if (declarations.length === 0) continue;
      const called = `${owner}.${property.name}`;
      const isMethod = declarations.every(
        (each) => ts.isMethodSignature(each) || ts.isMethodDeclaration(each),
      );
      if (isMethod && !property.name.startsWith("__@")) {
        const method = {
          name: property.name,
          fixed,
          ...this.callableOf(property.name, declarations),
          ...this.placeOf(declarations[0]),
        };
        if (method.docs.text === "" && method.docs.tags.returns === undefined)
          this.problem(declarations[0], `${called} has no docstring`);
        methods.push(method);
      } else if (!isMethod) {
        fields.push({ fixed, ...this.fieldOf(property, called) });
      }
    }
    return { fields, methods };
  }

  variableOf(name, symbol, node) {
    const docs = this.docsOf(node, name);
    const value = node.initializer;
    if (value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value))) {
      this.check(value, name);
      const parameters = this.parametersOf(value, docs, name);
      return {
        kind: "function",
        docs,
        code: this.signatureOf(name, value, parameters),
        parameters,
        returned: this.returnedOf(value, docs),
      };
    }
    const typeNode = node.type ?? satisfied(value);
    if (typeNode) this.check(typeNode, name);
    const type = this.checker.getTypeOfSymbol(symbol);
    const keys = !node.type && typeNode ? type.getProperties().map((each) => JSON.stringify(each.name)) : [];
    const written = typeNode ? plain(typeNode) : this.text(type, node);
    const text = keys.length > 0 ? written.replace(/Record<string,/, `Record<${keys.join(" | ")},`) : written;
    // What a schema library makes of a schema is of no use to a reader.
    return {
      kind: "value",
      docs,
      code: `const ${name}: ${text.length > 400 ? (type.symbol?.name ?? "object") : text}`,
    };
  }

  typeOf(name, symbol, node) {
    const docs = this.docsOf(node, name);
    if (ts.isInterfaceDeclaration(node)) return { docs, ...this.membersOf(name, symbol) };
    const fields = this.fieldsOf(this.checker.getDeclaredTypeOfSymbol(symbol), name);
    if (fields.length > 0) return { docs, fields };
    this.check(node.type, name);
    const inferred = /\btypeof\b|z\.infer/.test(node.type.getText());
    const text = inferred
      ? this.text(this.checker.getDeclaredTypeOfSymbol(symbol), node, ts.TypeFormatFlags.InTypeAlias)
      : node.type.getText();
    const generics = node.typeParameters?.map(plain).join(", ");
    return { docs, code: `type ${name}${generics ? `<${generics}>` : ""} = ${text}` };
  }

  /** The fields of a type that is no more than fields written in these sources; none for any other. */
  fieldsOf(type, owner) {
    if (type.isUnion() || !(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return [];
    if (type.getCallSignatures().length > 0 || this.checker.isArrayLikeType(type)) return [];
    const properties = this.checker.getPropertiesOfType(type);
    const isField = (each) => isOurs(each) && !ts.isClassDeclaration(each.parent);
    if (!properties.every((each) => each.declarations?.some(isField))) return [];
    return properties
      .filter((each) => !each.declarations.every(isHidden))
      .map((each) => this.fieldOf(each, `${owner}.${each.name}`));
  }

  fieldOf(property, owner) {
    const node = property.declarations.find(isOurs);
    const docs = this.docsOf(node, owner);
    const optional = Boolean(property.flags & ts.SymbolFlags.Optional);
    const type = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(property));
    const isValue = ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node);
    const fields = isValue ? this.fieldsOf(type, owner) : this.inlineFields(node.type, owner);
    const written =
      ts.isGetAccessor(node) ||
      ts.isPropertySignature(node) ||
      ts.isPropertyDeclaration(node) ||
      ts.isParameter(node)
        ? node.type
        : undefined;
    if (written) this.check(written, owner);
    const text = ts.isMethodSignature(node)
      ? plain(node)
          .replace(/^[^(<]*/, "")
          .replace(/\):/, ") =>")
          .replace(/;$/, "")
      : written
        ? plain(written)
        : this.text(this.checker.getTypeOfSymbol(property), node).replace(
            optional ? / \| undefined$/ : /(?!)/,
            "",
          );
    const { text: said, tags } = docs;
    const throws = tags.throws?.map((each) => ` Throws ${each.text}`).join("") ?? "";
    return {
      name: property.name,
      optional,
      type: fields.length > 0 ? "" : text,
      text: said + throws,
      fields,
    };
  }

  /** Fields of a type that is written out where it is used. */
  inlineFields(node, owner) {
    if (node === undefined) return [];
    const wraps =
      ts.isTypeReferenceNode(node) && /^(?:Readonly|Partial|Required)$/.test(node.typeName.getText());
    const literal = wraps ? node.typeArguments[0] : ts.isParenthesizedTypeNode(node) ? node.type : node;
    return ts.isTypeLiteralNode(literal) ? this.fieldsOf(this.checker.getTypeFromTypeNode(node), owner) : [];
  }

  text(type, node, flags = 0) {
    return this.checker.typeToString(type, node, WHOLE | flags).replaceAll("readonly ", "");
  }

  /** Names that a declaration's types mention have to be public, too, or not of this package. */
  check(declaration, name) {
    const visit = (node) => {
      if (ts.isBlock(node) || ts.isTypeQueryNode(node) || isHidden(node)) return;
      if (ts.isPropertyDeclaration(node) || ts.isParameter(node)) {
        if (node.type) visit(node.type);
        return;
      }
      const word = ts.isTypeReferenceNode(node)
        ? node.typeName
        : ts.isExpressionWithTypeArguments(node)
          ? node.expression
          : undefined;
      const found = word && this.checker.getSymbolAtLocation(word);
      const symbol = found && this.symbolOf(found);
      const place = symbol?.declarations?.[0];
      if (
        place &&
        isOurs(place) &&
        !ts.isTypeParameterDeclaration(place) &&
        !this.names.has(symbol) &&
        !this.isSpelledOut(place)
      ) {
        this.problem(node, `${name} mentions ${symbol.name}, which is not public`);
      }
      ts.forEachChild(node, visit);
    };
    visit(declaration);
  }

  /** Whether a type is no more than what is inferred from a schema or a list, as which it is shown. */
  isSpelledOut(node) {
    return node.name?.getText() === "Frozen";
  }

  docsOf(node, name) {
    const docs = ts.getJSDocCommentsAndTags(node).filter((each) => ts.isJSDoc(each));
    const promised = docs.length === 0 && this.promised(node);
    if (promised) return { ...this.docsOf(promised, name), isPromised: true };
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

  placeOf(node) {
    const source = node.getSourceFile();
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    return { file: relative(join(root, "src"), source.fileName).replaceAll("\\", "/"), line };
  }

  problem(node, sentence) {
    const { file, line } = this.placeOf(node);
    const said = `src/${file}:${line}: ${sentence}`;
    if (!this.problems.includes(said)) this.problems.push(said);
  }
}

/** The text of a node in one line, without comments. */
const plain = (node) =>
  node
    .getText()
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")
    .replaceAll(/\s+/g, " ");

const satisfied = (node) =>
  node && ts.isSatisfiesExpression(node)
    ? node.type
    : node && ts.isAsExpression(node) && !ts.isConstTypeReference(node.type)
      ? node.type
      : undefined;

const isHidden = (node) =>
  ts.getJSDocTags(node).some(({ tagName }) => tagName.text === "internal") ||
  (ts.canHaveModifiers(node) &&
    ts
      .getModifiers(node)
      ?.some(
        ({ kind }) => kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword,
      )) ||
  (node.name !== undefined && ts.isPrivateIdentifier(node.name));
