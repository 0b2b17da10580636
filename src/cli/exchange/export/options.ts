export const exportConventions = ["torch", "numpy"] as const;
export type ExportConvention = (typeof exportConventions)[number];

/** Options that were not given are undefined. */
export type ExportOptions = Readonly<{ out: string; for?: ExportConvention }>;
