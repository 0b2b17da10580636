import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import {
  describeEmoji,
  type Emoji,
  EMOJI_SETS,
  type EmojiSet,
  findEmoji,
  isEmoji,
  isFlag,
  unknownEmoji,
  withoutSet,
} from "./emoji.ts";

const { resolve } = createRequire(import.meta.url);
const readJson = (name: string) => JSON.parse(readFileSync(resolve(name), "utf8"));
const sets: EmojiSet[] = EMOJI_SETS.map(({ set, module }) => ({
  set,
  icons: readJson(`${module}/icons.json`),
  characters: readJson(`${module}/chars.json`),
}));
const [noto, twemoji] = sets;

/** From the first set that has it. */
function find(text: string): Emoji | undefined {
  for (const set of sets) {
    const found = findEmoji(text, set);
    if (found) return found;
  }
  return undefined;
}

/** By classes of Unicode Technical Standard 51. */
const EXAMPLES: Record<string, [text: string, name: string, set?: string][]> = {
  animals: [
    ["🦎", "lizard"],
    ["🐦‍🔥", "phoenix"],
    ["🐻‍❄️", "polar-bear"],
    ["🐕‍🦺", "service-dog"],
  ],
  "text or picture, however chosen": [
    ["❤", "red-heart"],
    ["❤️", "red-heart"],
    ["❤︎", "red-heart"],
    ["©", "copyright"],
    ["©️", "copyright"],
    ["☺", "smiling-face"],
    ["☀️", "sun"],
  ],
  keycaps: [
    ["1️⃣", "keycap-1"],
    ["1⃣", "keycap-1"],
    ["#️⃣", "keycap-pound"],
    ["*️⃣", "keycap-asterisk"],
    ["🔟", "keycap-10"],
  ],
  "skin tones": [
    ["👍🏻", "thumbs-up-light-skin-tone"],
    ["👍🏼", "thumbs-up-medium-light-skin-tone"],
    ["👍🏽", "thumbs-up-medium-skin-tone"],
    ["👍🏾", "thumbs-up-medium-dark-skin-tone"],
    ["👍🏿", "thumbs-up-dark-skin-tone"],
    ["☝🏽", "index-pointing-up-medium-skin-tone"],
    ["🧒🏿", "child-dark-skin-tone"],
  ],
  "two skin tones": [
    ["🫱🏻‍🫲🏿", "handshake-light-skin-tone-dark-skin-tone"],
    ["👩🏽‍❤️‍💋‍👨🏿", "kiss-woman-man-medium-skin-tone-dark-skin-tone"],
  ],
  "components alone": [
    ["🏻", "light-skin-tone"],
    ["🏿", "dark-skin-tone"],
    ["🦰", "red-haired"],
    ["🦲", "bald"],
  ],
  families: [
    ["👨‍👩‍👧", "family-man-woman-girl"],
    ["👩‍👩‍👦‍👦", "family-woman-woman-boy-boy"],
    ["🧑‍🧑‍🧒‍🧒", "family-adult-adult-child-child"],
  ],
  couples: [
    ["👩‍❤️‍👨", "couple-with-heart-woman-man"],
    ["👩‍❤‍👨", "couple-with-heart-woman-man"],
    ["🧑‍🤝‍🧑", "people-holding-hands"],
  ],
  professions: [
    ["👩🏽‍🚀", "woman-astronaut-medium-skin-tone"],
    ["🧑‍⚕️", "health-worker"],
    ["🧑‍⚕", "health-worker"],
    ["🧑‍🎄", "mx-claus"],
  ],
  "gendered forms": [
    ["🏃‍♀️", "woman-running"],
    ["🏃🏾‍♂️‍➡️", "man-running-facing-right-medium-dark-skin-tone"],
    ["🧜🏼‍♂️", "merman-medium-light-skin-tone"],
    ["🕵️‍♀️", "woman-detective"],
    ["🕵‍♀", "woman-detective"],
  ],
  hair: [
    ["👨🏿‍🦱", "man-dark-skin-tone-curly-hair"],
    ["👩‍🦰", "woman-red-hair"],
  ],
  "flags that are pictures": [
    ["🏁", "chequered-flag"],
    ["🏳️‍🌈", "rainbow-flag"],
    ["🏳️‍⚧️", "transgender-flag"],
    ["🏴‍☠️", "pirate-flag"],
  ],
  "flags of countries": [
    ["🇩🇪", "flag-germany", "Twemoji"],
    ["🇺🇸", "flag-united-states", "Twemoji"],
    ["🇨🇮", "flag-cote-divoire", "Twemoji"],
    ["🇽🇰", "flag-kosovo", "Twemoji"],
    ["🇪🇺", "flag-european-union", "Twemoji"],
    ["🇺🇳", "flag-united-nations", "Twemoji"],
  ],
  "flags of regions": [
    ["🏴󠁧󠁢󠁥󠁮󠁧󠁿", "flag-england", "Twemoji"],
    ["🏴󠁧󠁢󠁳󠁣󠁴󠁿", "flag-scotland", "Twemoji"],
    ["🏴󠁧󠁢󠁷󠁬󠁳󠁿", "flag-wales", "Twemoji"],
  ],
  names: [
    ["lizard", "lizard"],
    ["ab-button", "ab-button"],
    ["flag-germany", "flag-germany", "Twemoji"],
  ],
};

describe("findEmoji", () => {
  it.each(Object.entries(EXAMPLES))("finds %s", (_, examples) => {
    const found = examples.map(([text]) => [text, find(text)?.name, find(text)?.set]);
    expect(found).toEqual(examples.map(([text, name, set = "Noto Emoji"]) => [text, name, set]));
  });

  it("draws a whole SVG document at the set's size", () => {
    const { svg } = findEmoji("🦎", noto)!;
    expect(svg).toMatch(
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^>]*viewBox="0 0 128 128" width="128"/,
    );
    expect(svg).toContain(noto.icons.icons.lizard.body);
    expect(svg).toMatch(/<\/svg>$/);
    expect(findEmoji("🇩🇪", twemoji)!.svg).toContain('viewBox="0 0 36 36" width="36"');
  });

  it("follows aliases", () => {
    expect(findEmoji("ab-button", noto)!.svg).toBe(findEmoji("ab-button-blood-type", noto)!.svg);
  });

  it.each(sets)("finds every emoji that $set lists", (set) => {
    const missing = Object.keys(set.characters).filter((code) => {
      const text = String.fromCodePoint(...code.split("-").map((hex) => Number.parseInt(hex, 16)));
      return (findEmoji(text, set)?.svg.length ?? 0) < 100;
    });
    expect(missing).toEqual([]);
  });

  it.each(["🫪🫪", "🇽🇽", "🏴󠁵󠁳󠁴󠁸󠁿", "👍🏽🏽"])("says that no set has %s", (text) => {
    expect(find(text)).toBeUndefined();
    expect(unknownEmoji(text).message).toBe(
      `neither Noto Emoji nor Twemoji has ${text}; give a picture file instead, such as picture.png`,
    );
  });

  it("names the one that a misspelt name was meant to be", () => {
    expect(unknownEmoji("buterfly", ["lizard", "butterfly"]).message).toContain("such as butterfly;");
  });

  it.each(["lizzard", "", "toString", "__proto__", "constructor"])("does not know %j", (text) => {
    expect(find(text)).toBeUndefined();
    expect(unknownEmoji(text).message).toBe(
      `${JSON.stringify(text)} is neither an emoji nor the name of one, such as lizard; a picture file needs its path, such as ./picture.png`,
    );
  });
});

/** All that can be made of one of each part, with joiners between. */
function joined(...parts: string[][]): string[] {
  return parts.reduce((all, next) => all.flatMap((before) => next.map((part) => `${before}\u200d${part}`)));
}

/** Node's own list of what Unicode recommends for general interchange; what it has after 17 the sets may not. */
describe.skipIf(Number.parseFloat(process.versions.unicode ?? "0") > 17)("of what Unicode recommends", () => {
  const recommended = new RegExp("^\\p{RGI_Emoji}$", "v");
  const characters = Array.from({ length: 0x1ffff }, (_, code) => String.fromCodePoint(code)).filter((text) =>
    /\p{Emoji}/u.test(text),
  );
  const pictures = characters.flatMap((text) => [text, `${text}\ufe0f`]);
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCodePoint(0x1f1e6 + i));
  const tones = ["🏻", "🏼", "🏽", "🏾", "🏿"];
  const toned = characters.flatMap((text) => tones.map((tone) => text + tone));
  const parents = ["🧑", "👩", "👨"];
  const adults = parents.flatMap((adult) => [adult, ...tones.map((tone) => adult + tone)]);
  const couples = joined(parents, parents);
  const children = ["🧒", "👧", "👦"];
  const families = [...children, ...joined(children, children)];

  // The counts are less than what Unicode 15.1 had, and later editions have more.
  it.each<[string, number, () => string[]]>([
    ["single characters", 1350, () => pictures],
    ["keycaps", 12, () => pictures.map((text) => `${text}\u20e3`)],
    ["flags of countries", 258, () => letters.flatMap((a) => letters.map((b) => a + b))],
    ["skin tones", 655, () => toned],
    ["gendered forms", 500, () => joined([...pictures, ...toned], ["♀️", "♂️"])],
    ["people with things", 400, () => joined(adults, pictures)],
    ["people with things, facing right", 54, () => joined(adults, ["🦯", "🦼", "🦽"], ["➡️"])],
    [
      "couples",
      250,
      () => [...joined(adults, ["❤️", "🤝"], adults), ...joined(adults, ["❤️"], ["💋"], adults)],
    ],
    ["parents and children", 25, () => [...parents, ...couples].flatMap((some) => joined([some], families))],
  ])("finds all %s", (_, count, make) => {
    const all = make().filter((text) => recommended.test(text));
    expect(all.length).toBeGreaterThanOrEqual(count);
    expect(all.filter((text) => !isEmoji(text) || !find(text))).toEqual([]);
  });
});

describe("isEmoji", () => {
  it.each(["🦎", "❤", "🫪", "🇫🇷", "🇫", "#️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "👩🏽‍🚀", "🏽", "🦰"])("%s is one", (text) => {
    expect(isEmoji(text)).toBe(true);
  });

  it.each(["", "7", "42", "lizard", "🦎.png", "./🦎", "é", "*", "\u200d", "\ufe0f"])("%j is none", (text) => {
    expect(isEmoji(text)).toBe(false);
  });

  it("reads each character of a long name once", () => {
    expect(isEmoji(`${"🦎".repeat(100_000)}.png`)).toBe(false);
    expect(isEmoji(`${"1".repeat(100_000)}.png`)).toBe(false);
    expect(isEmoji("🦎".repeat(100_000))).toBe(true);
  });
});

describe("isFlag", () => {
  it.each(["🇩🇪", "🇽🇽", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁵󠁳󠁴󠁸󠁿"])("%s is one", (text) => expect(isFlag(text)).toBe(true));
  it.each(["", "DE", "🇩", "🇩🇪🇫", "🏴", "🏴‍☠️", "🏳️‍🌈", "🦎"])("%s is none of a country", (text) =>
    expect(isFlag(text)).toBe(false),
  );
});

describe("a description", () => {
  it.each([
    ["🦎", "🦎 lizard (Noto Emoji)", "🦎 lizard"],
    ["lizard", "lizard (Noto Emoji)", "lizard"],
    ["🇩🇪", "🇩🇪 flag-germany (Twemoji)", "🇩🇪 flag-germany"],
  ])("of %s names its set, and can do without", (text, description, short) => {
    expect(describeEmoji(text, find(text)!)).toBe(description);
    expect(withoutSet(description)).toBe(short);
  });

  it.each(["cat.png", "my cat (2)", "(Twemoji)", "🦎 lizard (Noto Emoji) ", ""])(
    "keeps all of %j",
    (text) => {
      expect(withoutSet(text)).toBe(text);
    },
  );
});
