/** Made once and when needed: each takes milliseconds, and the command line has many lists. */
const formats = new Map<"conjunction" | "disjunction", Intl.ListFormat>();

/** A list as a part of a sentence: "a, b and c", or "a, b or c". */
export function inWords(items: readonly string[], last: "and" | "or" = "and"): string {
  const type = last === "and" ? "conjunction" : "disjunction";
  const format = formats.get(type) ?? new Intl.ListFormat("en-GB", { type });
  formats.set(type, format);
  return format.format(items);
}
