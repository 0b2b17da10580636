import { html } from "lit";
import { contextOf } from "../canvas.ts";
import { Part, valueOf } from "./part.ts";

const SIDE = 256;
const COLOURS = [
  ["black", "#2b2a27"],
  ["red", "#d4442f"],
  ["orange", "#ef9234"],
  ["yellow", "#f6d34a"],
  ["green", "#3f9e57"],
  ["blue", "#3474c9"],
  ["violet", "#8d53b5"],
  ["white", "#ffffff"],
] as const;
/** Pixels by which an arrow key moves the pen. */
const KEY_STEP = 8;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

type Point = Readonly<{ x: number; y: number }>;

/** A small sheet to draw on; fires `drawn` after each line. */
export class DrawingPad extends Part {
  static override properties = { colour: { state: true }, pen: { state: true }, at: { state: true } };
  declare colour: string;
  declare pen: number;
  /** Where the keyboard's pen is; undefined while the pointer draws. */
  declare at: Point | undefined;
  #last: Point | undefined;

  constructor() {
    super();
    this.colour = COLOURS[4][1];
    this.pen = 28;
    this.at = undefined;
  }

  get canvas(): HTMLCanvasElement {
    return this.querySelector("canvas")!;
  }

  override render() {
    const { at } = this;
    return html`
      <div class="sheet">
        <canvas
          width=${SIDE}
          height=${SIDE}
          tabindex="0"
          role="application"
          aria-label="Sheet to draw on. Arrow keys move the pen, with Shift they draw; Enter makes a dot."
          @pointerdown=${this.#down}
          @pointermove=${this.#move}
          @pointerup=${this.#up}
          @pointercancel=${this.#up}
          @keydown=${this.#key}
          @blur=${() => (this.at = undefined)}
        ></canvas>
        ${
          at &&
          html`<i
            class="pen"
            style="left:${(at.x / SIDE) * 100}%;top:${(at.y / SIDE) * 100}%;width:${(this.pen / SIDE) * 100}%"
          ></i>`
        }
      </div>
      <div class="stack">
        <fieldset class="colours">
          <legend>Colour</legend>
          ${COLOURS.map(
            ([name, value]) =>
              html`<label title=${name} style="--colour:${value}">
                <input
                  type="radio"
                  name="pad-colour"
                  aria-label=${name}
                  .checked=${this.colour === value}
                  @change=${() => (this.colour = value)}
                />
              </label>`,
          )}
        </fieldset>
        <label class="slider">
          <span>Pen</span><b aria-hidden="true">${this.pen} px</b>
          <input
            type="range"
            min="4"
            max="80"
            .value=${String(this.pen)}
            @input=${(event: Event) => (this.pen = Number(valueOf(event)))}
          />
        </label>
        <button type="button" @click=${this.clear}>Clear</button>
      </div>
    `;
  }

  readonly clear = (): void => {
    contextOf(this.canvas).clearRect(0, 0, SIDE, SIDE);
    this.emit("cleared", null);
  };

  #place(event: PointerEvent): Point {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * SIDE,
      y: ((event.clientY - box.top) / box.height) * SIDE,
    };
  }

  readonly #down = (event: PointerEvent): void => {
    this.canvas.setPointerCapture(event.pointerId);
    this.at = undefined;
    this.#last = this.#place(event);
    this.#line(this.#last, this.#last);
  };

  readonly #move = (event: PointerEvent): void => {
    if (!this.#last) return;
    const to = this.#place(event);
    this.#line(this.#last, to);
    this.#last = to;
  };

  readonly #up = (): void => {
    if (!this.#last) return;
    this.#last = undefined;
    this.emit("drawn", this.canvas);
  };

  readonly #key = (event: KeyboardEvent): void => {
    const from = this.at ?? { x: SIDE / 2, y: SIDE / 2 };
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== "Enter") return;
    event.preventDefault();
    const move = (value: number, by: number) => Math.min(SIDE, Math.max(0, value + by * KEY_STEP));
    this.at = arrow ? { x: move(from.x, arrow[0]), y: move(from.y, arrow[1]) } : from;
    if (arrow && !event.shiftKey) return;
    this.#line(from, this.at);
    this.emit("drawn", this.canvas);
  };

  #line(from: Point, to: Point): void {
    const context = contextOf(this.canvas);
    context.strokeStyle = this.colour;
    context.lineWidth = this.pen;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  }
}
