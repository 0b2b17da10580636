/** The pictures that training is tried on: an emoji or the path of a file each. */
export const set: readonly Readonly<{ name: string; source: string }>[];
/** The emoji that the playground offers. */
export const shelf: typeof set;
/** The longest side in which it trains them, and the empty cells around. */
export const shelfSize: Readonly<{ size: number; padding: number }>;
