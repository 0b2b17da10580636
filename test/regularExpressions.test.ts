/** Every regular expression of the project takes linear time, whatever the text: names, files and links come from anywhere. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "vite";
import { describe, expect, it } from "vitest";
import { growthOf } from "./regularExpression.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const sources = ["src", "playground/src"].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !/\.(?:test|case)\.ts$|\bgenerated\b|\bassembly\b/.test(name))
    .map((name) => `${folder}/${name}`),
);

type Found = { place: string; expression: RegExp | undefined };

/** The regular expressions of a file; undefined for one that is put together when it runs. */
function expressionsIn(file: string, text: string): Found[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const found: Found[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) return node.forEach(walk);
    const { type, start, regex, callee } = node as Record<string, any>;
    const place = () => `${file}:${text.slice(0, start).split("\n").length}`;
    if (type === "Literal" && regex) {
      found.push({ place: place(), expression: new RegExp(regex.pattern, regex.flags) });
    }
    if (/^(?:New|Call)Expression$/.test(type) && callee.name === "RegExp") {
      found.push({ place: place(), expression: undefined });
    }
    Object.values(node).forEach(walk);
  };
  walk(program);
  return found;
}

const all = sources.flatMap((file) => expressionsIn(file, readFileSync(join(ROOT, file), "utf8")));

it("finds them", () => {
  const [found, ...others] = expressionsIn("a.ts", "const a: RegExp =\n /x+/u; RegExp(a.source);");
  expect(found).toEqual({ place: "a.ts:2", expression: /x+/u });
  expect(others).toEqual([{ place: "a.ts:2", expression: undefined }]);
  expect(all.length).toBeGreaterThan(40);
});

it("puts none together when it runs, which nothing could check", () => {
  expect(all.filter(({ expression }) => !expression).map(({ place }) => place)).toEqual([]);
});

it.each(all.flatMap(({ place, expression }) => (expression ? [{ place, expression }] : [])))(
  "$place: $expression is linear",
  ({ expression }) => expect(growthOf(expression)).toBe("linear"),
);

describe("growthOf", () => {
  it.each([
    // Seen to hang: a name of emoji, and what may come before a drawing.
    [/^(?:\p{Emoji}(?:\ufe0f|\u200d)?|\p{Extended_Pictographic}+)+$/u, "exponential"],
    [/^(?:\s|<\?xml[^]*?\?>|<!--[^]*?-->|<!DOCTYPE[^>]*>)*<svg[\s/>]/i, "exponential"],
    [/^(?:a+)+$/, "exponential"],
    [/^(?:a*)*b/, "exponential"],
    [/^(?:a|a)*$/, "exponential"],
    [/^(?:\w+\s?)*$/, "exponential"],
    [/^(?:a|b|ab)*c/, "exponential"],
    [/^\d+\.?\d*$/, "polynomial"],
    [/\s+$/, "polynomial"],
    [/\s*\n\s*/, "polynomial"],
    [/^a(?=[^b]*[^c]*d)/, "polynomial"],
    [/<script id="model"[^>]*>/, "polynomial"],
    [/(?:a*b|a)*/, "polynomial"],
    [/[_-](?:[0-9a-f]{4,5}[_-])*\.json/, "polynomial"],
  ] as const)("%s: %s", (expression, growth) => expect(growthOf(expression)).toBe(growth));

  it.each([
    /[a-z]+/g,
    /(?:a+)+/,
    /^\s*\n/,
    /^\d+(?:\.\d*)?$/,
    /\.[^.]*$/,
    /-\d+$/,
    /^(?:a|b)*$/,
    /^(?:ab|ac)*$/,
    /^a(?=\d*$)/,
    /^(?:<!--(?:(?!-->)[^])*-->)?<svg/,
    /\bword\b/,
    /^[a-z]{2,36}$/,
    /^-+/,
  ])("%s: linear", (expression) => expect(growthOf(expression)).toBe("linear"));

  it.each([/(a)\1/, /(?<=a)b/])("%s cannot be checked", (expression) =>
    expect(() => growthOf(expression)).toThrow("cannot be checked"),
  );
});
