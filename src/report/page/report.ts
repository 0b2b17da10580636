/** The report page (`report.html`): a run as a film and as charts that move together. */
import type uPlot from "uplot";
import { fromBase64 } from "../../formats/base64.ts";
import type { ReportData } from "../document.ts";
import { drawChart, type Line, placeCursor } from "./charts.ts";
import { Film, placeMarkers } from "./film.ts";

const FRAMES_PER_SECOND = 25;

/** Shows what the page carries; the page also shows what prevents it. */
export function startReport(): void {
  open().catch((error: unknown) => {
    const message = part("message", HTMLElement);
    message.textContent = error instanceof Error ? error.message : String(error);
    message.hidden = false;
  });
}

async function open(): Promise<void> {
  const { data, traces } = readData(part("data", HTMLElement).textContent);
  placeMarkers(part("markers", HTMLElement), data);
  const playback = new Playback(
    data,
    await Film.open(part("screen", HTMLElement).querySelector("canvas")!, data),
  );
  playback.connect(drawCharts(data, cellLines(data, traces), (step) => playback.follow(step)));
}

function readData(text: string): { data: ReportData; traces: DataView } {
  try {
    const data: ReportData = JSON.parse(text);
    return { data, traces: new DataView(fromBase64(data.traces).buffer) };
  } catch (cause) {
    throw new Error("The numbers in this page cannot be read: its text is damaged.", { cause });
  }
}

/** Charts of the counts and of every cell. */
function drawCharts(
  data: ReportData,
  lines: readonly Line[][],
  onStep: (step: number | undefined) => void,
): uPlot[] {
  const { mature, growing, norms } = data.counts;
  const common = { data, onStep };
  const counts = [
    {
      title: "Living cells",
      lines: [
        { name: "mature", colour: "#159a80", values: mature },
        { name: "growing", colour: "#d5753a", values: growing },
      ],
    },
    { title: "Norm of the state", lines: [{ name: "norm", values: norms }] },
  ].map((chart) => {
    const place = section(part("counts", HTMLElement), chart.title);
    return drawChart({ ...common, ...chart, place, height: 190 });
  });
  const cells = data.cells.map(([row, column], cell) => {
    const title = `Cell ${cell + 1}: row ${row}, column ${column}`;
    const place = section(part("cells", HTMLElement), title);
    place.id = `cell-${cell + 1}`;
    return drawChart({ ...common, place, title, height: 300, lines: lines[cell] });
  });
  return [...counts, ...cells];
}

/** A part of the page with a heading. */
function section(parent: HTMLElement, title: string): HTMLElement {
  const place = document.createElement("div");
  place.className = "chart";
  const heading = document.createElement("h3");
  heading.textContent = title;
  place.append(heading);
  parent.append(place);
  return place;
}

/** The lines of each cell's chart: its channels. */
function cellLines({ cells, channels, steps }: ReportData, traces: DataView): Line[][] {
  const valueAt = (step: number, cell: number, channel: number) => {
    const index = (step * cells.length + cell) * channels.length + channel;
    const value = traces.getFloat32(4 * index, true);
    return Number.isFinite(value) ? value : null;
  };
  return cells.map((_, cell) =>
    channels.map((line, channel) => ({
      ...line,
      values: steps.map((_step, step) => valueAt(step, cell, channel)),
    })),
  );
}

/** The step that is shown: keeps the slider, the film and the cursors of the charts together. */
class Playback {
  readonly #data: ReportData;
  readonly #film: Film;
  readonly #slider = part("slider", HTMLInputElement);
  readonly #play = part("play", HTMLButtonElement);
  #charts: readonly uPlot[] = [];
  #step = 0;
  #playing = false;

  constructor(data: ReportData, film: Film) {
    this.#data = data;
    this.#film = film;
  }

  connect(charts: readonly uPlot[]): void {
    this.#charts = charts;
    const { steps } = this.#data.film;
    this.#slider.max = String(steps.length - 1);
    this.#slider.addEventListener("input", () => {
      this.#pause();
      this.#show(steps[this.#slider.valueAsNumber]);
    });
    this.#play.addEventListener("click", () => (this.#playing ? this.#pause() : this.#start()));
    this.#show(steps[steps.length - 1]);
  }

  /** Shows the step that a pointer is at in a chart; when it leaves, the charts stay where they are. */
  follow(step: number | undefined): void {
    if (step === undefined) {
      queueMicrotask(() => this.#placeCursors());
      return;
    }
    this.#pause();
    if (step !== this.#step) this.#show(step, false);
  }

  #show(step: number, moveCursors = true): void {
    const { steps } = this.#data.film;
    this.#step = step;
    const next = steps.findIndex((shown) => shown > step);
    const frame = (next < 0 ? steps.length : next) - 1;
    this.#film.show(frame);
    this.#slider.value = String(frame);
    const words = `step ${step.toLocaleString("en")}`;
    part("step", HTMLOutputElement).value = words;
    this.#slider.setAttribute("aria-valuetext", words);
    if (moveCursors) this.#placeCursors();
  }

  #placeCursors(): void {
    for (const chart of this.#charts) placeCursor(chart, this.#step);
  }

  #start(): void {
    const { steps } = this.#data.film;
    const at = this.#slider.valueAsNumber;
    const first = at < steps.length - 1 ? at : 0;
    this.#playing = true;
    this.#play.textContent = "Pause";
    this.#show(steps[first]);
    let began: number | undefined;
    const frame = (now: number) => {
      if (!this.#playing) return;
      began ??= now;
      const index = first + Math.floor(((now - began) / 1000) * FRAMES_PER_SECOND);
      this.#show(steps[Math.min(index, steps.length - 1)]);
      if (index >= steps.length - 1) this.#pause();
      else requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  #pause(): void {
    this.#playing = false;
    this.#play.textContent = "Play";
  }
}

function part<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new Error(`This page is incomplete: it has no ${id}.`);
}
