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
}>;

/** Two taps this close in milliseconds and CSS pixels are a double tap; browsers do not report those of a finger alike. */
const DOUBLE_TAP = { time: 400, distance: 24 };

/**
 * Listens to pointers, and to keys while the picture has the focus.
 *
 * @param stage where pointers are listened to: the picture and what surrounds it.
 */
export function listenForGestures(
  stage: HTMLElement,
  picture: HTMLElement,
  grid: Grid,
  gestures: Gestures,
): void {
  listenToPointer(stage, picture, grid, gestures);
  listenToKeys(picture, grid, gestures);
}

function listenToPointer(
  stage: HTMLElement,
  picture: HTMLElement,
  [height, width]: Grid,
  { hover, draw, double }: Gestures,
): void {
  const strokes = new Map<number, Place>();
  let tap: { time: number; x: number; y: number } | undefined;

  const placeOf = ({ clientX, clientY }: PointerEvent): Place => {
    const box = picture.getBoundingClientRect();
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

function listenToKeys(picture: HTMLElement, [height, width]: Grid, { hover, erase, use }: Gestures): void {
  let at: Place = { x: Math.floor(width / 2) + 0.5, y: Math.floor(height / 2) + 0.5 };
  picture.addEventListener("blur", () => hover(undefined));
  picture.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in MOVES) {
      const [dx, dy] = MOVES[event.key];
      const stride = event.shiftKey ? 8 : 1;
      at = { x: clamp(at.x + dx * stride, width), y: clamp(at.y + dy * stride, height) };
    } else if (event.key === "Delete" || event.key === "Backspace") erase(at);
    else if (event.key === "Enter") use(at);
    else return;
    hover(at);
    event.preventDefault();
  });
}

/** Keeps a coordinate at the centre of a cell. */
function clamp(value: number, size: number): number {
  return Math.min(size - 0.5, Math.max(0.5, value));
}
