/**
 * Whether a backtracking engine takes linear time for a regular expression on every text. It does not where its automaton
 * is ambiguous within a loop: exponential where one place comes back to itself in two ways by the same text, and at least
 * quadratic where a place loops by a text that also leads to another place which loops by it, too
 * (Weideman, van der Merwe, Berglund and Watson, "Analyzing matching time behavior of backtracking regular expression
 * matchers by using ambiguity of NFA", 2016). That a search begins at every place of the text is a loop of its own. An
 * expression is distinguished from a slow one by its structure alone, so that no clock is asked.
 */

/** A character that is read, or (`reads` undefined) a choice of where to go on. */
type Node = {
  /** As an expression for one character. */
  reads?: string;
  next: Node[];
  /** Whether something has to hold here, so that the match may fail although the end is near. */
  conditional?: boolean;
};

type Tree =
  | Readonly<{ kind: "character"; text: string }>
  | Readonly<{ kind: "start" | "condition" }>
  | Readonly<{ kind: "look"; body: Tree }>
  | Readonly<{ kind: "sequence" | "choice"; parts: readonly Tree[] }>
  | Readonly<{ kind: "repeat"; body: Tree; least: number; most: number }>;

export type Growth = "linear" | "polynomial" | "exponential";

/** How the time of a search grows, at worst. @throws Error for a back-reference or a look behind, which is not known. */
export function growthOf(expression: RegExp): Growth {
  const places = automatonOf(expression);
  const cycles = components(places);
  const looping = places.filter((place) => !place.accepting && cycles.get(place) !== undefined);
  const within = (a: Place, b: Place) => cycles.get(a) !== undefined && cycles.get(a) === cycles.get(b);

  for (const place of looping) {
    const twice = (a: Place) => a.next.some((b, i) => within(a, b) && a.next.indexOf(b) !== i);
    if (places.some((other) => within(other, place) && !other.accepting && twice(other)))
      return "exponential";
    const stays = (each: Place) => within(each, place) && !each.accepting;
    const forked = reached([[place, place]], [stays, stays]).filter(([a, b]) => a !== b);
    if (reached(forked, [stays, stays]).some(([a, b]) => a === place && b === place)) return "exponential";
  }
  for (const from of places.filter((place) => cycles.get(place) !== undefined)) {
    for (const to of looping) {
      if (from === to) continue;
      const found = reached(
        [[from, from, to]],
        [(a) => within(a, from), () => true, (c) => within(c, to) && !c.accepting],
      );
      if (found.some(([a, b, c]) => a === from && b === to && c === to)) return "polynomial";
    }
  }
  return "linear";
}

/** A place that is about to read a character. */
type Place = {
  /** Kinds of characters that it reads. */
  reads: ReadonlySet<number>;
  next: Place[];
  /** Whether nothing can fail any more after it. */
  accepting: boolean;
};

/** Tuples of places that go on together by the same text of at least one character. */
function reached(
  starts: readonly (readonly Place[])[],
  admitted: readonly ((place: Place) => boolean)[],
): Place[][] {
  const ids = new Map<Place, number>();
  const idOf = (place: Place) => ids.get(place) ?? (ids.set(place, ids.size), ids.size - 1);
  const seen = new Map<string, Place[]>();
  const waiting = [...starts];
  for (let tuple = waiting.pop(); tuple; tuple = waiting.pop()) {
    const [first, ...others] = tuple;
    if (![...first.reads].some((kind) => others.every(({ reads }) => reads.has(kind)))) continue;
    const ways = tuple.map(({ next }, i) => [...new Set(next)].filter(admitted[i]));
    for (const way of ways.reduce<Place[][]>(
      (all, each) => all.flatMap((begun) => each.map((place) => [...begun, place])),
      [[]],
    )) {
      const key = way.map(idOf).join();
      if (seen.has(key)) continue;
      seen.set(key, way);
      waiting.push(way);
    }
  }
  return [...seen.values()];
}

/** Numbers of the cycles that places lie on; none for a place on no cycle. */
function components(places: readonly Place[]): Map<Place, number> {
  const beyond = new Map(places.map((place) => [place, new Set(reached([[place]], [() => true]).flat())]));
  const cycles = new Map<Place, number>();
  for (const [i, place] of places.entries()) {
    if (cycles.has(place) || !beyond.get(place)!.has(place)) continue;
    for (const other of places) {
      if (beyond.get(place)!.has(other) && beyond.get(other)!.has(place)) cycles.set(other, i);
    }
  }
  return cycles;
}

function automatonOf({ source, flags }: RegExp): Place[] {
  const tree = parse(source, /[uv]/.test(flags));
  const nodes: Node[] = [];
  const node = (made: Node): Node => (nodes.push(made), made);
  const end = node({ next: [] });
  // The text's first place, and the others, at which a search begins again.
  const first = build(tree, end, true, node);
  const skip = node({ reads: "[^]", next: [] });
  const later = build(tree, end, flags.includes("m"), node);
  skip.next.push(skip, later);
  const start = flags.includes("y") ? [first] : [first, skip];

  const reading = nodes.filter(({ reads }) => reads !== undefined);
  const characters = alphabetOf(source, /[uv]/.test(flags));
  const kinds = new Map<string, number>();
  const signatures = characters.map(() => "");
  const expressions = new Map(
    reading.map(({ reads }) => [reads!, new RegExp(`^(?:${reads})$`, flags.replaceAll(/[gym]/g, ""))]),
  );
  for (const each of expressions.values()) {
    characters.forEach((character, i) => (signatures[i] += each.test(character) ? "1" : "0"));
  }
  for (const signature of signatures) if (!kinds.has(signature)) kinds.set(signature, kinds.size);
  const order = [...expressions.keys()];
  const places = new Map<Node, Place>();
  for (const each of reading) {
    const at = order.indexOf(each.reads!);
    const reads = new Set([...kinds].filter(([signature]) => signature[at] === "1").map(([, kind]) => kind));
    places.set(each, { reads, next: [], accepting: false });
  }
  for (const [each, place] of places) {
    for (const { to, sure } of after(each.next)) {
      if (to === end) place.accepting ||= sure;
      else place.next.push(places.get(to)!);
    }
  }
  const usable = new Set(
    reached(
      after(start).flatMap(({ to }) => (places.has(to) ? [[places.get(to)!]] : [])),
      [() => true],
    ).flat(),
  );
  for (const { to } of after(start)) if (places.has(to)) usable.add(places.get(to)!);
  return [...usable];
}

/** What reads next, or the end, once for each way there; `sure` where nothing has to hold on it. */
function after(nodes: readonly Node[]): { to: Node; sure: boolean }[] {
  const found: { to: Node; sure: boolean }[] = [];
  const walk = (node: Node, sure: boolean, path: readonly Node[]) => {
    // Twice, since a loop may end in itself: (a*)*.
    if (path.indexOf(node) !== path.lastIndexOf(node)) return;
    if (node.reads !== undefined || node.next.length === 0) found.push({ to: node, sure });
    else for (const next of node.next) walk(next, sure && !node.conditional, [...path, node]);
  };
  for (const node of nodes) walk(node, true, []);
  return found;
}

/** The nodes of a tree, before those that follow it. */
function build(tree: Tree, next: Node, atStart: boolean, node: (made: Node) => Node): Node {
  const go = (part: Tree, to: Node): Node => {
    switch (part.kind) {
      case "character":
        return node({ reads: part.text, next: [to] });
      case "start":
        return atStart ? to : node({ next: [node({ reads: "[]", next: [to] })] });
      case "condition":
        return node({ next: [to], conditional: true });
      case "look":
        return node({ next: [go(part.body, node({ reads: "[]", next: [to] })), to], conditional: true });
      case "sequence":
        return part.parts.reduceRight<Node>((after_, each) => go(each, after_), to);
      case "choice":
        return node({ next: part.parts.map((each) => go(each, to)) });
      case "repeat": {
        let rest = to;
        if (part.most === Infinity) {
          const loop = node({ next: [] });
          loop.next.push(go(part.body, loop), to);
          rest = loop;
        } else {
          for (let i = part.least; i < part.most; i++) rest = node({ next: [go(part.body, rest), to] });
        }
        for (let i = 0; i < part.least; i++) rest = go(part.body, rest);
        return rest;
      }
      default:
        return part satisfies never;
    }
  };
  return go(tree, next);
}

/** Characters that stand for all others: those of an expression and their neighbours, Latin, and some of every kind. */
function alphabetOf(source: string, unicode: boolean): string[] {
  const some = "\u0301\u0661\u200b\u200d\u2028\u20e3漢か\ufe0e\ufe0f\uff11";
  const rare = "🦎🏽🇦🦰😀𝔸\u{e0061}\u{e007f}";
  const points = Array.from(source + some + (unicode ? rare : ""), (each) => each.codePointAt(0)!);
  const escaped = [...source.matchAll(/\\[xu]\{?([\da-f]+)/gi)].map(([, digits]) => parseInt(digits, 16));
  const near = [...points, ...escaped].flatMap((point) => [point - 1, point, point + 1]);
  const latin = Array.from({ length: 0x180 }, (_, i) => i);
  const all = new Set(
    [...latin, ...near].filter((point) => point >= 0 && point <= (unicode ? 0x10ffff : 0xffff)),
  );
  return [...all].map((point) => String.fromCodePoint(point));
}

/** The part of JavaScript's syntax that this project writes. */
function parse(source: string, unicode: boolean): Tree {
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    const [found] = new RegExp(pattern.source, `y${unicode ? "u" : ""}`).exec(source.slice(at)) ?? [];
    at += found?.length ?? 0;
    return found;
  };
  const choice = (): Tree => {
    const parts = [sequence()];
    while (take(/\|/) !== undefined) parts.push(sequence());
    return parts.length === 1 ? parts[0] : { kind: "choice", parts };
  };
  const sequence = (): Tree => {
    const parts: Tree[] = [];
    while (at < source.length && !/[|)]/.test(source[at])) parts.push(quantified());
    return { kind: "sequence", parts };
  };
  const quantified = (): Tree => {
    const body = atom();
    const sign = take(/[*+?]|\{\d+(?:,\d*)?\}/);
    if (sign === undefined) return body;
    take(/\?/);
    const [least, most = least] = /\d/.test(sign) ? sign.slice(1, -1).split(",") : [];
    const range =
      least === undefined
        ? { "*": [0, Infinity], "+": [1, Infinity], "?": [0, 1] }[sign]!
        : [Number(least), most === "" ? Infinity : Number(most)];
    return { kind: "repeat", body, least: range[0], most: range[1] };
  };
  const atom = (): Tree => {
    if (take(/\^/)) return { kind: "start" };
    if (take(/\$|\\[bB]/)) return { kind: "condition" };
    const group = take(/\((?:\?(?:[:=!]|<(?![=!])[^>]*>))?/);
    if (group !== undefined) {
      const body = choice();
      if (take(/\)/) === undefined) throw new Error(`/${source}/ cannot be checked from ${source.slice(at)}`);
      return /[=!]$/.test(group) ? { kind: "look", body } : body;
    }
    const text = take(
      /\[(?:\\[^]|[^\]\\])*\]|\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\u[\da-fA-F]{4}|\\x[\da-fA-F]{2}|\\c[A-Za-z]|\\(?![1-9k])[^]|[^\\()[\]|*+?]/,
    );
    if (text === undefined) throw new Error(`/${source}/ cannot be checked from ${source.slice(at)}`);
    return { kind: "character", text };
  };
  const tree = choice();
  if (at < source.length) throw new Error(`/${source}/ cannot be checked from ${source.slice(at)}`);
  return tree;
}
