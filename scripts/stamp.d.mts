export function sourceFiles(): string[];
export function generatedFiles(): string[];
export function filesIn(folder: string): string[];
export function digestOf(paths: readonly string[]): string;
export function isCurrent(stamp: string, read: string, made: readonly string[]): boolean;
export function leave(stamp: string, read: string, made: readonly string[]): void;
