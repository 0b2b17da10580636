/** Inputs that are almost right: bytes and JSON of valid files, changed here and there. */
import * as fc from "fast-check";

type Change = (bytes: Uint8Array) => Uint8Array;

/** Numbers at which readers go wrong. */
const EDGES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];

/** A place in bytes of any length, as a share of it; the beginning, where headers lie, more often. */
const placeArbitrary = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const placeIn = (share: number, length: number) => Math.floor(share ** 3 * length);

const changeArbitrary: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(placeArbitrary, fc.nat(7)).map(([share, bit]): Change => (bytes) => {
    const changed = bytes.slice();
    if (changed.length > 0) changed[placeIn(share, changed.length)] ^= 1 << bit;
    return changed;
  }),
  fc
    .tuple(placeArbitrary, fc.constantFrom(...EDGES), fc.constantFrom(1, 2, 4, 8), fc.boolean())
    .map(([share, value, width, little]): Change => (bytes) => {
      const changed = bytes.slice();
      const at = placeIn(share, changed.length - width);
      if (at < 0) return changed;
      for (let i = 0; i < width; i++) {
        const byte = i < 4 ? (value / 256 ** i) & 0xff : value === 0xffffffff ? 0xff : 0;
        changed[at + (little ? i : width - 1 - i)] = byte;
      }
      return changed;
    }),
  placeArbitrary.map(
    (share): Change =>
      (bytes) =>
        bytes.slice(0, Math.floor(share * bytes.length)),
  ),
  fc.tuple(placeArbitrary, fc.uint8Array({ maxLength: 16 })).map(([share, more]): Change => (bytes) => {
    const at = placeIn(share, bytes.length);
    return Uint8Array.from([...bytes.subarray(0, at), ...more, ...bytes.subarray(at)]);
  }),
  // A part again, or in another's place.
  fc
    .tuple(placeArbitrary, placeArbitrary, fc.integer({ min: 1, max: 64 }), fc.boolean())
    .map(([from, to, length, more]): Change => (bytes) => {
      const [source, target] = [placeIn(from, bytes.length), placeIn(to, bytes.length)];
      const part = bytes.subarray(source, source + length);
      const rest = bytes.subarray(more ? target : target + part.length);
      return Uint8Array.from([...bytes.subarray(0, target), ...part, ...rest]);
    }),
);

/** Bytes with one to six changes, or none of theirs at all. */
export function mutated(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    {
      weight: 9,
      arbitrary: fc
        .array(changeArbitrary, { minLength: 1, maxLength: 6 })
        .map((changes) => changes.reduce((changed, change) => change(changed), bytes)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 600 }) },
  );
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

/** Values that a field may have in a file that nobody wrote in good faith. */
const wildArbitrary: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown[]>(
    null,
    true,
    "",
    0,
    -1,
    0.5,
    -0,
    1e-320,
    1e308,
    2 ** 24,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    [],
    {},
    "__proto__",
    "../../etc/passwd",
    "\u202e\u001b[31m\0",
    "😀".repeat(1000),
  ),
  fc.constant(undefined),
  fc.integer(),
  fc.double(),
  fc.string({ maxLength: 40 }),
  fc.constantFrom(30, 300, 3000).map(nested),
  fc
    .tuple(fc.constantFrom(0, 1, 1024, 2 ** 24), fc.constantFrom(10, 1000, 30_000))
    .map(([value, length]) => Array.from({ length }, () => value)),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>,
);

/** Every path in a tree, its own empty one first. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return [path];
  const entries = Object.entries(value).slice(0, 64);
  return [path, ...entries.flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

function changedAt(value: any, [key, ...rest]: readonly string[], change: (inner: any) => unknown): unknown {
  if (key === undefined) return change(value);
  const inner = changedAt(value?.[key], rest, change);
  if (Array.isArray(value)) return value.map((item, i) => (String(i) === key ? inner : item));
  return Object.fromEntries(
    [...Object.entries(value ?? {}).filter(([name]) => name !== key), [key, inner]].filter(
      ([, item]) => item !== undefined,
    ),
  );
}

/** A tree with one to three of its parts replaced, taken away, doubled or joined by others. */
export function mutatedTree(tree: unknown): fc.Arbitrary<unknown> {
  const change: fc.Arbitrary<(inner: any) => unknown> = fc.oneof(
    { weight: 4, arbitrary: wildArbitrary.map((wild) => () => wild) },
    fc.constant((inner: unknown) => [inner, inner]),
    fc.constant((inner: unknown) =>
      typeof inner === "number" ? 1000 * inner : typeof inner === "string" ? inner.repeat(50) : inner,
    ),
    fc.tuple(fc.string({ maxLength: 12 }), wildArbitrary).map(
      ([key, wild]) =>
        (inner: unknown) =>
          typeof inner === "object" && !Array.isArray(inner) ? { ...inner, [key]: wild } : wild,
    ),
  );
  const paths = pathsOf(tree);
  return fc
    .array(fc.tuple(fc.nat(paths.length - 1), change), { minLength: 1, maxLength: 3 })
    .map((changes) =>
      changes.reduce<unknown>((changed, [i, apply]) => changedAt(changed, paths[i], apply), tree),
    );
}

/** A JSON text of a tree that was changed, or the text changed itself. */
export function mutatedJson(tree: unknown): fc.Arbitrary<string> {
  const text = JSON.stringify(tree);
  return fc.oneof(
    { weight: 4, arbitrary: mutatedTree(tree).map((changed) => json(changed)) },
    {
      weight: 1,
      arbitrary: mutated(new TextEncoder().encode(text)).map((bytes) => new TextDecoder().decode(bytes)),
    },
    { weight: 1, arbitrary: fc.constantFrom("[".repeat(20_000), '{"a":'.repeat(20_000), "1e999", "") },
  );
}

/** A value as JSON; null for what has none. */
export function json(value: unknown): string {
  return JSON.stringify(value) ?? "null";
}
