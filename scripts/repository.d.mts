export const PLACEHOLDER: string;
export function derivedFrom(url: string): { homepage: string; bugs: { url: string } };
export function sourcesOf(url: string): string;
