import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { findEmoji, isEmoji, type IconCharacters, type IconSet } from "./emoji.ts";

const require = createRequire(import.meta.url);
const readJson = (name: string) => JSON.parse(readFileSync(require.resolve(name), "utf8"));
const icons: IconSet = readJson("@iconify-json/noto/icons.json");
const characters: IconCharacters = readJson("@iconify-json/noto/chars.json");

const find = (text: string) => findEmoji(text, icons, characters);

describe("findEmoji", () => {
  it.each([
    ["🦎", "lizard"],
    ["❤️", "red-heart"],
    ["❤", "red-heart"],
    ["1️⃣", "keycap-1"],
    ["👍🏽", "thumbs-up-medium-skin-tone"],
    ["👩🏽‍🚀", "woman-astronaut-medium-skin-tone"],
    ["👨‍👩‍👧", "family-man-woman-girl"],
    ["🏳️‍🌈", "rainbow-flag"],
    ["lizard", "lizard"],
  ])("%s is %s", (text, name) => {
    expect(find(text).name).toBe(name);
  });

  it("draws a whole SVG document at the set's size", () => {
    const { svg } = find("🦎");
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 128 128" width="128"/);
    expect(svg).toContain(icons.icons.lizard.body);
    expect(svg).toMatch(/<\/svg>$/);
  });

  it("follows aliases", () => {
    expect(find("ab-button").svg).toBe(find("ab-button-blood-type").svg);
  });

  it("finds every emoji the set lists", () => {
    const missing = Object.keys(characters).filter((code) => {
      const text = String.fromCodePoint(...code.split("-").map((hex) => Number.parseInt(hex, 16)));
      return find(text).svg.length < 100;
    });
    expect(missing).toEqual([]);
  });

  it.each(["🫪🫪", "🇫🇷", "👍🏽🏽"])("says that the set lacks %s", (text) => {
    expect(() => find(text)).toThrow(
      new UserError(`the Noto emoji set has no ${text}; give a picture file instead, such as picture.png`),
    );
  });

  it.each(["lizzard", "", "toString", "__proto__", "constructor"])("does not know %j", (text) => {
    expect(() => find(text)).toThrow(
      new UserError(
        `${JSON.stringify(text)} is neither an emoji nor the name of one, such as lizard; a picture file needs its path, such as ./picture.png`,
      ),
    );
  });
});

describe("isEmoji", () => {
  it.each(["🦎", "❤", "🫪", "🇫🇷", "#️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "👩🏽‍🚀"])("%s is one", (text) => {
    expect(isEmoji(text)).toBe(true);
  });
  it.each(["", "7", "42", "lizard", "🦎.png", "./🦎", "é", "*"])("%j is none", (text) => {
    expect(isEmoji(text)).toBe(false);
  });
});
