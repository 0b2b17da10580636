import { toBase64 } from "../formats/base64.ts";
import { reportPage } from "./generated/report.ts";
import { escapeHtml, fillPage, jsonForPage } from "../formats/page.ts";

/** A line of a chart. */
export type ReportLine = Readonly<{
  name: string;
  /** A CSS colour; undefined for that of the text. */
  colour: string | undefined;
  /** Lengths of dashes and gaps in pixels; none for a whole line. */
  dash: readonly number[];
}>;

/** What the charts and the film of a report show. All is given at the same steps. */
export type ReportRun = Readonly<{
  /** Ascending, from 0 on. */
  steps: readonly number[];
  grid: readonly [height: number, width: number];
  cells: readonly (readonly [row: number, column: number])[];
  channels: readonly ReportLine[];
  /** Shape (steps.length, cells.length, channels.length). */
  traces: Float32Array;
  counts: Readonly<Record<"mature" | "growing" | "norms", readonly number[]>>;
  /** By kind and step. */
  damage: readonly Readonly<{ kind: string; step: number }>[];
}>;

/** Pictures of one size, row by row in one, and the steps they show. */
export type ReportFilm = Readonly<{ steps: readonly number[]; columns: number; webp: Uint8Array }>;

export type ReportPicture = Readonly<{ title: string; text: string; png: Uint8Array }>;

export type Report = Readonly<{
  title: string;
  /** What was run, in a sentence. */
  summary: string;
  run: ReportRun;
  film: ReportFilm;
  pictures: readonly ReportPicture[];
}>;

/** The data of a report's page, as its script reads them; traces in base64, of float32 in little-endian order. */
export type ReportData = Omit<ReportRun, "traces" | "channels" | "counts"> &
  Readonly<{
    channels: readonly Readonly<{ name: string; colour?: string; dash: readonly number[] }>[];
    traces: string;
    /** Null for what is not finite. */
    counts: Readonly<Record<"mature" | "growing" | "norms", readonly (number | null)[]>>;
    film: Readonly<{ steps: readonly number[]; columns: number; source: string }>;
  }>;

/** A web page that shows a run: one file without a dependency, which also opens from disk. */
export function reportHtml({ title, summary, run, film, pictures }: Report): string {
  const { traces, ...rest } = run;
  const bytes = new Uint8Array(traces.buffer, traces.byteOffset, traces.byteLength);
  const { steps, columns, webp } = film;
  const data = {
    ...rest,
    traces: toBase64(bytes),
    film: { steps, columns, source: dataUri("image/webp", webp) },
  };
  return fillPage(reportPage, {
    title: escapeHtml(title),
    summary: escapeHtml(summary),
    pictures: pictures.map(figure).join("\n"),
    data: jsonForPage(data),
  });
}

function figure({ title, text, png }: ReportPicture): string {
  const [heading, words] = [title, text].map(escapeHtml);
  return `<section>
<h2>${heading}</h2>
<p class="text">${words}</p>
<div class="sheet" tabindex="0" role="group" aria-label="${heading}"><img src="${dataUri("image/png", png)}" alt="${words}" /></div>
</section>`;
}

function dataUri(type: string, bytes: Uint8Array): string {
  return `data:${type};base64,${toBase64(bytes)}`;
}
