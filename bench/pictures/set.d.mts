/** The pictures that training is tried on: an emoji or the path of a file each. */
export const set: readonly Readonly<{ name: string; source: string }>[];
