// What the package makes public, as its sources say it: names, types as they are written there, and docstrings.
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Docstrings } from "./docstrings.mjs";
import { isHidden, isOurs, nameFor, plain, root, satisfied, ts } from "./nodes.mjs";

const WHOLE = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;

/**
 * Reads the sources of all subpaths.
 *
 * @returns `subpaths`, each with its `name`, its `docs` and its `entries`, and `problems`: a sentence for each name without
 * a docstring, docstring that does not fit what it describes, and name that a public one mentions but that is not public.
 */
export function readPublic() {
  const { exports, name: packageName } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const all = Object.entries(exports);
  // The element for a framework's templates is the element, by the same names.
  const own = all.filter(([, one], i) => all.findIndex(([, other]) => other.default === one.default) === i);
  const files = own.map(([key, { types }]) => ({
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

const isField = (node) => isOurs(node) && !ts.isClassDeclaration(node.parent);

class Reader {
  problems = [];
  /** The name of each public symbol. */
  names = new Map();
  /** Public types by what they are made of. */
  shapes = new Map();

  constructor(checker) {
    this.checker = checker;
    this.docstrings = new Docstrings(checker, this.names, (...fault) => this.problem(...fault));
  }

  read(files) {
    const listed = files.map(({ name, source }) => ({
      name,
      source,
      symbols: this.checker
        .getExportsOfModule(this.checker.getSymbolAtLocation(source) ?? source.symbol)
        .map((symbol) => [
          symbol.name,
          this.docstrings.symbolOf(symbol),
          symbol.declarations.some(ts.isTypeOnlyExportDeclaration),
        ]),
    }));
    for (const { symbols } of listed) for (const [name, symbol] of symbols) this.names.set(symbol, name);
    for (const [symbol, name] of this.names) {
      if (!(symbol.flags & ts.SymbolFlags.TypeAlias)) continue;
      const type = this.checker.getDeclaredTypeOfSymbol(symbol);
      const shape = this.shapeOf(type);
      if (shape && !this.shapes.has(shape)) this.shapes.set(shape, name);
    }
    const seen = new Set();
    const subpaths = listed.map(({ name: subpath, source, symbols }) => ({
      name: subpath,
      docs: this.docstrings.of(source.statements[0], subpath),
      // What another subpath exports, too, is described there.
      also: symbols.filter(([, symbol]) => seen.has(symbol)).map(([name]) => name),
      entries: symbols
        .filter(([, symbol]) => !seen.has(symbol) && seen.add(symbol))
        .map(([name, symbol, isType]) => this.entryOf(name, symbol, isType)),
    }));
    return { subpaths, problems: this.problems };
  }

  /** What a type is made of: its fields, where they are three or more, or the members of a union. */
  shapeOf(type) {
    if (type.isUnion())
      return type.types
        .map((each) => this.expanded(each))
        .toSorted()
        .join(" | ");
    return type.getProperties().length >= 3 ? this.expanded(type) : undefined;
  }

  expanded(type) {
    if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return this.text(type);
    const fields = type.getProperties().map((each) => {
      const mark = each.flags & ts.SymbolFlags.Optional ? "?" : "";
      return `${each.name}${mark}: ${this.text(this.checker.getTypeOfSymbol(each))}`;
    });
    return fields.toSorted().join("; ");
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
      return { kind: "type", docs: this.docstrings.of(node, name), ...this.membersOf(name, symbol, true) };
    if (ts.isClassDeclaration(node)) return { kind: "class", ...this.classOf(name, symbol, node) };
    if (ts.isVariableDeclaration(node)) return this.variableOf(name, symbol, node);
    return { kind: "type", ...this.typeOf(name, symbol, node) };
  }

  /** A function, method or constructor, with all its overloads. */
  callableOf(name, declarations) {
    const shown = declarations.length > 1 ? declarations.filter((each) => !each.body) : declarations;
    const docs = this.docstrings.of(shown[0], name);
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
      const { name: called, type, fields, optional } = parameters[index];
      if (called === "") return `{ ${fields.map((field) => field.name).join(", ")} }`;
      const isPattern = !ts.isIdentifier(each.name);
      const mark = optional && (isPattern || !each.initializer) ? "?" : "";
      const value = each.initializer && !isPattern ? ` = ${plain(each.initializer)}` : "";
      return `${each.dotDotDotToken ? "..." : ""}${called}${mark}: ${type || plain(each.type)}${value}`;
    });
    const generics = declaration.typeParameters?.map(plain).join(", ");
    const signature = this.checker.getSignatureFromDeclaration(declaration);
    const result = ts.isConstructorDeclaration(declaration)
      ? ""
      : `: ${declaration.type ? plain(declaration.type) : this.text(signature.getReturnType(), declaration)}`;
    return `${name}${generics ? `<${generics}>` : ""}(${list.join(", ")})${result}`;
  }

  /** Parameters as they are described. One that is taken apart where it is declared has no name, but fields. */
  parametersOf(declaration, docs, name) {
    const open = new Map((docs.tags.param ?? []).map((tag) => [tag.name, tag.text]));
    const take = (key) => {
      const text = open.get(key) ?? "";
      open.delete(key);
      return text;
    };
    const result = declaration.parameters.map((parameter) => {
      const isPattern = !ts.isIdentifier(parameter.name);
      const type = parameter.type
        ? plain(parameter.type)
        : this.text(this.checker.getTypeAtLocation(parameter), parameter);
      const fields = this.inlineFields(parameter.type, name);
      const called = isPattern ? (fields.length > 0 ? "" : nameFor(type)) : parameter.name.text;
      return {
        name: called,
        type: fields.length > 0 ? "" : type,
        optional: Boolean(parameter.questionToken || parameter.initializer),
        text: take(called),
        fields: fields.map((field) => ({
          ...field,
          text: field.text || take(field.name) || take(`${called || "options"}.${field.name}`),
        })),
      };
    });
    for (const key of docs.isPromised ? [] : open.keys()) {
      this.problem(declaration, `${name} has no parameter ${key}, which its docstring describes`);
    }
    return result;
  }

  classOf(name, symbol, node) {
    const constructor = node.members.find((each) => ts.isConstructorDeclaration(each));
    const built = constructor && !isHidden(constructor) ? this.callableOf(`new ${name}`, [constructor]) : {};
    const docs = this.docstrings.of(node, name);
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
    const docs = this.docstrings.of(node, name);
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
    const docs = this.docstrings.of(node, name);
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
    if (!properties.every((each) => each.declarations?.some(isField))) return [];
    return properties
      .filter((each) => !each.declarations.every(isHidden))
      .map((each) => this.fieldOf(each, `${owner}.${each.name}`));
  }

  fieldOf(property, owner) {
    const node = property.declarations.find(isOurs);
    const docs = this.docstrings.of(node, owner);
    const optional = Boolean(property.flags & ts.SymbolFlags.Optional);
    const type = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(property));
    const isValue = ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node);
    const alias = isValue ? this.shapes.get(this.shapeOf(type)) : undefined;
    const fields = alias ? [] : isValue ? this.fieldsOf(type, owner) : this.inlineFields(node.type, owner);
    const written =
      ts.isGetAccessor(node) ||
      ts.isPropertySignature(node) ||
      ts.isPropertyDeclaration(node) ||
      ts.isParameter(node)
        ? node.type
        : undefined;
    if (written) this.check(written, owner);
    const whole = this.checker.getTypeOfSymbol(property);
    const orNull = isValue && whole.types?.some(({ flags }) => flags & ts.TypeFlags.Null);
    const known = alias && orNull ? `${alias} | null` : alias;
    const text = known ?? (written ? plain(written) : this.inferred(property, node, optional));
    const { text: said, tags } = docs;
    const throws = tags.throws?.map((each) => ` Throws ${each.text}`).join("") ?? "";
    return {
      name: property.name,
      optional,
      type: fields.length === 0 ? text : orNull ? "object | null" : "",
      text: said + throws,
      fields,
    };
  }

  inferred(property, node, optional) {
    if (ts.isMethodSignature(node)) {
      return plain(node)
        .replace(/^[^(<]*/, "")
        .replace(/\):/, ") =>")
        .replace(/;$/, "");
    }
    const text = this.text(this.checker.getTypeOfSymbol(property), node);
    return optional ? text.replace(/ \| undefined$/, "") : text;
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
      const symbol = found && this.docstrings.symbolOf(found);
      const place = symbol?.declarations?.[0];
      if (place && isOurs(place) && !ts.isTypeParameterDeclaration(place) && !this.names.has(symbol)) {
        this.problem(node, `${name} mentions ${symbol.name}, which is not public`);
      }
      ts.forEachChild(node, visit);
    };
    visit(declaration);
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
