import type * as z from "zod/mini";

/** Characters of a name or value out of a file that a message holds. */
const LONGEST = 60;
const TOO_DEEP = "nested too deeply";

/**
 * What a schema found wrong with a value, as one sentence: the field, its value and what is allowed, for example
 * `channels is 65; it must be at most 64`. Of several faults, the first.
 *
 * @param root what to call the value itself, and the start of every field's name; default none.
 */
export function describeFault(error: z.core.$ZodError, value: unknown, root = ""): string {
  const [issue] = error.issues;
  if (issue.code === "unrecognized_keys") {
    return `${fieldName(root, [...issue.path, issue.keys[0]])} is not a known field`;
  }
  const found = issue.path.reduce<unknown>(
    (inner, key) => (isRecord(inner) ? inner[String(key)] : undefined),
    value,
  );
  const field = fieldName(root, issue.path) || "the value";
  if (issue.code === "custom") return `${field} ${issue.message}`;
  return found === undefined
    ? `${field} is missing; it must be ${allowed(issue)}`
    : `${field} is ${show(found)}; it must be ${allowed(issue)}`;
}

function allowed(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return TYPES[issue.expected] ?? issue.expected;
  if (issue.code === "too_small") {
    return `${measure(issue.origin)}${issue.inclusive === false ? "above" : "at least"} ${issue.minimum}`;
  }
  if (issue.code === "too_big") {
    return `${measure(issue.origin)}${issue.inclusive === false ? "below" : "at most"} ${issue.maximum}`;
  }
  if (issue.code === "invalid_value") return oneOf(issue.values.map(show));
  if (issue.code === "invalid_union") {
    // A union distinguished by a field has no errors of its members, but names what the field may be.
    const options = "options" in issue && Array.isArray(issue.options) ? issue.options : [];
    return oneOf(issue.errors.length > 0 ? issue.errors.map(([first]) => allowed(first)) : options.map(show));
  }
  return "something else";
}

const TYPES: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a finite number",
  string: "text",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  tuple: "a list",
};

const measure = (origin: string) => (origin === "array" ? "of length " : "");

function oneOf(options: readonly string[]): string {
  const unique = [...new Set(options)];
  if (unique.length < 2) return unique.join("");
  return `${unique.slice(0, -1).join(", ")} or ${unique.at(-1)}`;
}

function fieldName(root: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, key) =>
      typeof key === "number"
        ? `${name}[${key}]`
        : name
          ? `${name}.${shortened(String(key))}`
          : shortened(String(key)),
    root,
  );
}

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** A value as it would be written in JSON, shortened to a readable length. */
export function show(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (json(value) ?? String(value));
  return shortened(text);
}

function json(value: unknown): string | undefined {
  try {
    const text: string | undefined = JSON.stringify(value);
    return text?.startsWith("[".repeat(LONGEST)) ? TOO_DEEP : text;
  } catch {
    // In Node before 26, JSON.parse reads deeper nesting than JSON.stringify writes.
    return TOO_DEEP;
  }
}
