export type BenchOptions = Readonly<{
  /** Standard output is for one JSON object. */
  json?: true;
  /** For each row of the table. */
  seconds: number;
}>;
