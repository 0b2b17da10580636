export type QueueStatusOptions = Readonly<{
  queue: string;
  /** Standard output is for one JSON object. */
  json?: true;
}>;
