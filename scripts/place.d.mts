export function placeText(path: string, text: string): void;
export function placeTree(from: string, to: string): void;
