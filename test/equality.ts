/** Lists of the same numbers are equal at a glance: Vitest by itself takes seconds over a hundred thousand of them. */
import { expect } from "vitest";

declare global {
  /** Test files share a process, and what is known in it. */
  var comparesNumbers: boolean | undefined;
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** True for the same numbers in lists of one kind; all else is left to Vitest, which says what differs. */
function areSameNumbers(one: unknown, other: unknown): true | undefined {
  if (!isList(one) || !isList(other)) return undefined;
  if (one.constructor !== other.constructor || one.length !== other.length) return undefined;
  for (let i = 0; i < one.length; i++) {
    if (typeof one[i] !== "number" || !Object.is(one[i], other[i])) return undefined;
  }
  return true;
}

if (!globalThis.comparesNumbers) expect.addEqualityTesters([areSameNumbers]);
globalThis.comparesNumbers = true;
