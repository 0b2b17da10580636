/** Made by `emoji.plugin.ts` when the page is built. */
declare module "virtual:emoji-choices" {
  export const emojiChoices: readonly Readonly<{ emoji: string; name: string; svg: string }>[];
}

/** Flags by their code points; each is a file of its own, loaded when it is asked for. */
declare module "virtual:flags" {
  type Flag = import("../../src/data/emoji.ts").Emoji;
  export const flags: Readonly<Record<string, () => Promise<{ flag: Flag }>>>;
}
