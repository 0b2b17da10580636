import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { jsonText, printable } from "./print.ts";

const HOSTILE = [
  ["the escape character", "a\x1b[31mb", "a?[31mb"],
  ["a bell, a line break and a tab", "a\x07b\nc\td", "a?b?c?d"],
  ["DEL and C1, which has an escape of its own", "\x7fa\x9b31m", "?a?31m"],
  ["overrides and isolates of direction", "\u202Egnp.a\u202C \u2066x\u2069", "?gnp.a? ?x?"],
  ["marks of direction", "\u200Ea\u200Fb\u061Cc", "?a?b?c"],
  ["separators of lines and paragraphs", "a\u2028b\u2029c", "a?b?c"],
] as const;

describe("printable", () => {
  it.each(HOSTILE)("replaces %s", (_name, text, shown) => expect(printable(text)).toBe(shown));

  it("leaves emoji and all scripts as they are", () => {
    const text = "👩‍👩‍👧 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ❤️ naïve 漢字 עברית العربية ";
    expect(printable(text)).toBe(text);
  });
});

describe("jsonText", () => {
  it.each(HOSTILE)("escapes %s, and reads back", (_name, text) => {
    for (const space of [undefined, 2]) {
      const json = jsonText({ [text]: [text] }, space);
      expect(printable(json.replaceAll("\n", ""))).toBe(json.replaceAll("\n", ""));
      expect(JSON.parse(json)).toEqual({ [text]: [text] });
    }
  });
});

/** A stream that takes so many writes, then none. */
function failing(name: "stdout" | "stderr", code: string, writes = 0) {
  const taken: string[] = [];
  const value = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      if (taken.length < writes) {
        taken.push(text);
        done();
      } else done(Object.assign(new Error(code), { code }));
    },
  });
  Object.defineProperty(process, name, { value, configurable: true });
  return taken;
}

describe("a stream that fails", () => {
  const { stdout, stderr } = process;
  beforeEach(() => vi.resetModules());
  afterEach(() => {
    Object.defineProperty(process, "stdout", { value: stdout, configurable: true });
    Object.defineProperty(process, "stderr", { value: stderr, configurable: true });
    // No file that comes after this one shall find the module whose streams have failed.
    vi.resetModules();
  });

  it("is reported at once, and is not written to again", async () => {
    const taken = failing("stdout", "ENOSPC", 1);
    const { onOutputFailure, outputFailure, print, printed } = await import("./print.ts");
    const listener = vi.fn();
    onOutputFailure(listener);
    print("a\x1bb", "c");
    expect(outputFailure()).toBeUndefined();
    print("lost");
    expect(listener).toHaveBeenCalledOnce();
    print("never tried");
    expect(taken).toEqual(["a?b\nc\n"]);
    expect(await printed()).toMatchObject({
      message: "cannot write to standard output: the disk is full",
      exitCode: 1,
      isClosed: false,
    });
  });

  it("stops work, and says what was cut short only where its reader has gone", async () => {
    for (const [code, said] of [
      ["EPIPE", ["Cut short\n"]],
      ["EIO", []],
    ] as const) {
      vi.resetModules();
      failing("stdout", code);
      const taken = failing("stderr", "ENOSPC", 5);
      const { print } = await import("./print.ts");
      const { interruptible } = await import("./interrupt.ts");
      const work = interruptible(async (signal) => {
        print("x");
        signal.throwIfAborted();
      }, "Cut short");
      await expect(work).rejects.toMatchObject({ isClosed: code === "EPIPE" });
      expect(taken).toEqual(said);
    }
  });

  it("is known at the end, standard error too", async () => {
    failing("stderr", "ENOSPC");
    const { printed, say } = await import("./print.ts");
    expect(await printed()).toBeUndefined();
    say("x");
    expect((await printed())?.message).toBe("cannot write to standard error: the disk is full");
  });
});
