/** What a docstring says. */
export type Docs = Readonly<{
  text: string;
  tags: Readonly<Record<string, readonly Readonly<{ name?: string; text: string }>[]>>;
}>;

export type Entry = Readonly<{
  name: string;
  docs: Docs;
  /** Of a class or an interface. */
  methods?: readonly Readonly<{ name: string; docs: Docs }>[];
}>;

/** What the package makes public, and a sentence for each fault of how that is described. */
export function readPublic(): Readonly<{
  subpaths: readonly Readonly<{ name: string; entries: readonly Entry[] }>[];
  problems: readonly string[];
}>;
