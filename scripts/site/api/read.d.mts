/** What a docstring says. */
export type Docs = Readonly<{
  text: string;
  tags: Readonly<Record<string, readonly Readonly<{ name?: string; text: string }>[]>>;
}>;

export type Entry = Readonly<{
  name: string;
  kind: "function" | "class" | "value" | "type";
  docs: Docs;
  /** Its signature, where it has one. */
  code?: string;
  /** Its place, relative to `src`. */
  file: string;
  line: number;
}>;

/** What the package makes public, and a sentence for each fault of how that is described. */
export function readPublic(): Readonly<{
  subpaths: readonly Readonly<{ name: string; docs: Docs; entries: readonly Entry[] }>[];
  problems: readonly string[];
}>;
