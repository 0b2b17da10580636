import type { Grid } from "../rule/rule.ts";
import type { Place } from "../rule/stroke.ts";

/** What a pointer or the keyboard does on the picture; places in cells. */
export type Gestures = Readonly<{
  /** The brush is here now, or (undefined) away. */
  hover: (at: Place | undefined) => void;
  /** The brush comes down (`from` is `to`), or is drawn along a line. */
  draw: (from: Place, to: Place) => void;
  /** A double click or tap; says whether it means anything. If not, it is a brush that comes down once more. */
  double: (at: Place) => boolean;
  /** Enter. */
  use: (at: Place) => void;
  /** Delete. */
  erase: (at: Place) => void;
  /** Other keys, by what `KeyboardEvent.key` calls them in lower case. */
  keys: Readonly<Record<string, () => void>>;
}>;

/** Two taps this close in milliseconds and CSS pixels are a double tap; browsers do not report those of a finger alike. */
const DOUBLE_TAP = { time: 400, distance: 24 };

/**
 * Listens to pointers, and to keys while the picture has the focus.
 *
 * @param stage where pointers are listened to: the picture and what surrounds it. @param grid the one that is shown.
 */
export function listenForGestures(
  stage: HTMLElement,
  picture: HTMLElement,
  grid: () => Grid,
  gestures: Gestures,
): void {
  listenToPointer(stage, picture, grid, gestures);
  listenToKeys(picture, grid, gestures);
}

function listenToPointer(
  stage: HTMLElement,
  picture: HTMLElement,
  grid: () => Grid,
  { hover, draw, double }: Gestures,
): void {
  const strokes = new Map<number, Place>();
  let tap: { time: number; x: number; y: number } | undefined;

  const placeOf = ({ clientX, clientY }: PointerEvent): Place => {
    const box = picture.getBoundingClientRect();
    const [height, width] = grid();
    return {
      x: ((clientX - box.left) / box.width) * width,
      y: ((clientY - box.top) / box.height) * height,
    };
  };
  const repeats = ({ timeStamp, clientX, clientY }: PointerEvent): boolean =>
    tap !== undefined &&
    timeStamp - tap.time < DOUBLE_TAP.time &&
    Math.hypot(clientX - tap.x, clientY - tap.y) < DOUBLE_TAP.distance;

  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const at = placeOf(event);
    hover(at);
    if (repeats(event) && double(at)) {
      tap = undefined;
      return;
    }
    tap = { time: event.timeStamp, x: event.clientX, y: event.clientY };
    stage.setPointerCapture(event.pointerId);
    strokes.set(event.pointerId, at);
    draw(at, at);
  });
  stage.addEventListener("pointermove", (event) => {
    const at = placeOf(event);
    hover(at);
    const from = strokes.get(event.pointerId);
    if (!from) return;
    if (!repeats(event)) tap = undefined;
    strokes.set(event.pointerId, at);
    draw(from, at);
  });
  const end = (event: PointerEvent) => {
    strokes.delete(event.pointerId);
    if (event.pointerType !== "mouse") hover(undefined);
  };
  stage.addEventListener("pointerup", end);
  stage.addEventListener("pointercancel", end);
  stage.addEventListener("pointerleave", () => hover(undefined));
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function listenToKeys(picture: HTMLElement, grid: () => Grid, { hover, erase, use, keys }: Gestures): void {
  let place: Place | undefined;
  picture.addEventListener("blur", () => hover(undefined));
  picture.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    const [height, width] = grid();
    const from = place ?? { x: width >> 1, y: height >> 1 };
    const [dx, dy] = MOVES[event.key] ?? [0, 0];
    const stride = event.shiftKey ? 8 : 1;
    const at = { x: centre(from.x + dx * stride, width), y: centre(from.y + dy * stride, height) };
    if (event.key in MOVES) place = at;
    else if (key === "delete" || key === "backspace") erase(at);
    else if (key === "enter") use(at);
    else if (key in keys) keys[key]();
    else return;
    event.preventDefault();
    if (!(key in keys)) hover(at);
  });
}

/** The centre of the cell at a coordinate; beyond the edge, of the nearest. */
function centre(value: number, size: number): number {
  return Math.min(size - 1, Math.max(0, Math.floor(value))) + 0.5;
}
