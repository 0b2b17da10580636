/** The keys of a record, by their names. */
export function keysOf<K extends string>(record: Readonly<Record<K, unknown>>): K[];
export function keysOf(record: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(record);
}

/** A record with the same keys, each with what is made of its name and value. */
export function mapRecord<K extends string, T, U>(
  record: Readonly<Record<K, T>>,
  of: (value: T, key: K) => U,
): Record<K, U>;
export function mapRecord(
  record: Readonly<Record<string, unknown>>,
  of: (value: unknown, key: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, of(value, key)]));
}
