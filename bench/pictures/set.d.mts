/** The pictures that training is tried on: an emoji or the path of a file each. */
export const set: readonly Readonly<{ name: string; source: string }>[];
/** Those of the playground's shelf. */
export const shelf: typeof set;
/** The longest side in which it trains them, and the empty cells around. */
export const shelfSize: Readonly<{ size: number; padding: number }>;
