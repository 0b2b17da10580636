export const sweepPage = (state: unknown): string => String(state);
