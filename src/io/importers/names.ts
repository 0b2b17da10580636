/** Names of tensors as frameworks write them: `net.0.weight`, `update/layers/0/kernel.value`, `('update', 'layers', 0, 'bias')`. */

/** Words for what a tensor is to its layer, alone or as part of a name: `weight`, `fc1_bias`, `w1`. */
const ROLE = /_?(?:weight|kernel|bias)|^[wb](?=\d*$)/i;
/** What Flax ends the names of variables with. */
const WRAPPER = /^(?:raw_)?value$/;

const byNumbers = new Intl.Collator("en", { numeric: true });

/** The modules on the way to a tensor, and its own name last. */
export function nameParts(name: string): string[] {
  const parts = name.match(/[\p{L}\p{N}_-]+/gu) ?? [];
  return parts.length > 1 && WRAPPER.test(parts[parts.length - 1]) ? parts.slice(0, -1) : parts;
}

/** The layer that a tensor belongs to: its name without the word for weight or bias, joined by dots. */
export function layerName(name: string): string {
  const parts = nameParts(name);
  const own = parts.pop()?.replace(ROLE, "");
  return [...parts, ...(own ? [own] : [])].join(".");
}

/** Whether a tensor is, or belongs to, what a person names. */
export function belongsTo(name: string, named: string): boolean {
  const parts = nameParts(name);
  const wanted = nameParts(named);
  return wanted.length > 0 && wanted.every((part, i) => parts[i] === part);
}

/** Names in the order of their numbers: `net.2` before `net.10`. */
export function compareNames(a: string, b: string): number {
  return byNumbers.compare(a, b) || (a < b ? -1 : Number(a > b));
}

/** A name fit to print: cut to a readable length, without characters that steer a terminal. */
export function printable(name: string): string {
  const short = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  return short.replaceAll(/\p{Cc}/gu, "?");
}

/** A name in a sentence. */
export function quoteName(name: string): string {
  return JSON.stringify(printable(name));
}
