import type { Plane } from "../rule/grid.ts";
import type { Point, Spot } from "./viewport.ts";

/** What a pointer or the keyboard does on the picture. */
export type Gestures = Readonly<{
  grid: () => Plane;
  pointOf: (event: MouseEvent) => Point;
  spotAt: (point: Point) => Spot;
  /** What one pointer does: it draws with the brush, moves the picture, or nothing. */
  role: () => "draw" | "move" | "none";
  /** The brush is here now, or (undefined) away. */
  hover: (at: Spot | undefined) => void;
  /** The keyboard has moved the brush. */
  brushMoved: (at: Spot) => void;
  /** The brush comes down. */
  press: (at: Spot) => void;
  /** The brush is drawn along a line, within a tile. */
  draw: (from: Spot, to: Spot) => void;
  /** A double click or tap; returns whether it was handled. If not, the brush comes down once more. */
  double: (at: Spot) => boolean;
  /** Moves the picture: what is shown at one point goes to the other, magnified by a factor. */
  move: (from: Point, to: Point, factor: number) => void;
  /** The key Enter. */
  enter: (at: Spot) => void;
  /** Delete. */
  erase: (at: Spot) => void;
  /** Other keys, by what `KeyboardEvent.key` calls them in lower case. */
  keys: Readonly<Record<string, () => void>>;
}>;

/** Two taps this close in milliseconds and CSS pixels are a double tap; browsers differ in how they report those of a finger. */
const DOUBLE_TAP = { time: 400, distance: 24 };
/** CSS pixels that a finger moves before it draws: until then, a second one may come down and move the picture. */
const DRAG_THRESHOLD = 4;
/** Of the wheel: magnification a pixel, as an exponent; pixels of a line; and the most pixels a turn counts for, since notches are coarse. */
const WHEEL = { rate: 0.01, line: 16, most: 25 };
/** CSS pixels by which an arrow key moves the picture. */
const KEY_STEP = 40;

/**
 * Listens to pointers, and to keys while the picture has the focus.
 *
 * @param stage where pointers are listened to: the picture and what surrounds it.
 */
export function listenForGestures(stage: HTMLElement, picture: HTMLElement, gestures: Gestures): void {
  listenToPointers(stage, gestures);
  listenToWheel(stage, gestures);
  listenToKeys(picture, gestures);
}

/** A pointer that is down. */
type Held = {
  finger: boolean;
  at: Point;
  /** Where its brush is; undefined where it moves the picture. */
  spot: Spot | undefined;
  /** Its brush has not come down yet. */
  pending: boolean;
};

function listenToPointers(
  stage: HTMLElement,
  { pointOf, spotAt, role, hover, press, draw, double, move }: Gestures,
): void {
  const pointers = new Map<number, Held>();
  let tap: { time: number; at: Point } | undefined;

  const isDoubleTap = (time: number, at: Point): boolean =>
    tap !== undefined && time - tap.time < DOUBLE_TAP.time && distance(tap.at, at) < DOUBLE_TAP.distance;

  const comeDown = (held: Held) => {
    if (held.spot && held.pending) press(held.spot);
    held.pending = false;
  };

  stage.addEventListener("pointerdown", (event) => {
    const does = event.button === 1 ? "move" : event.button === 0 ? role() : "none";
    if (does === "none") return;
    const at = pointOf(event);
    const finger = event.pointerType === "touch";
    // Fingers do nothing beside a pen: a hand that draws may rest on the picture.
    if (!finger) pointers.clear();
    else if ([...pointers.values()].some((other) => !other.finger)) return;
    const pinches = pointers.size > 0;
    if (pinches) for (const other of pointers.values()) other.spot = undefined;
    const spot = pinches || does === "move" ? undefined : spotAt(at);
    hover(spot);
    if (spot && isDoubleTap(event.timeStamp, at) && double(spot)) {
      tap = undefined;
      return;
    }
    tap = spot && { time: event.timeStamp, at };
    stage.setPointerCapture(event.pointerId);
    const held = { finger, at, spot, pending: true };
    pointers.set(event.pointerId, held);
    if (!finger) comeDown(held);
  });

  stage.addEventListener("pointermove", (event) => {
    const at = pointOf(event);
    const held = pointers.get(event.pointerId);
    if (!held) {
      if (pointers.size === 0) hover(spotAt(at));
      return;
    }
    if (!held.spot) {
      const movers = [...pointers.values()].filter(({ spot }) => !spot);
      const before = spreadOf(movers);
      held.at = at;
      const after = spreadOf(movers);
      return move(before.at, after.at, before.spread > 0 ? after.spread / before.spread : 1);
    }
    if (held.pending && distance(held.at, at) < DRAG_THRESHOLD) return;
    comeDown(held);
    const to = spotAt(at);
    hover(to);
    if (!isDoubleTap(event.timeStamp, at)) tap = undefined;
    draw(sameTile(held.spot, to) ? held.spot : to, to);
    held.spot = to;
  });

  const end = (event: PointerEvent) => {
    const held = pointers.get(event.pointerId);
    pointers.delete(event.pointerId);
    if (held && event.type === "pointerup") comeDown(held);
    if (event.pointerType !== "mouse" && pointers.size === 0) hover(undefined);
  };
  stage.addEventListener("pointerup", end);
  stage.addEventListener("pointercancel", end);
  stage.addEventListener("pointerleave", () => hover(undefined));
  // The middle button would scroll the page.
  stage.addEventListener("mousedown", (event) => event.button === 1 && event.preventDefault());
}

/** The middle of several pointers, and how far they are from it on average. */
function spreadOf(pointers: readonly Held[]): Readonly<{ at: Point; spread: number }> {
  const mean = (number: (pointer: Held) => number) =>
    pointers.reduce((sum, pointer) => sum + number(pointer), 0) / pointers.length;
  const at = { x: mean((pointer) => pointer.at.x), y: mean((pointer) => pointer.at.y) };
  return { at, spread: mean((pointer) => distance(pointer.at, at)) };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function sameTile({ tile: a }: Spot, { tile: b }: Spot): boolean {
  return a.x === b.x && a.y === b.y;
}

/** Ctrl or Cmd with the wheel, which is also what a pinch on a trackpad sends; the wheel alone scrolls the page. */
function listenToWheel(stage: HTMLElement, { pointOf, move }: Gestures): void {
  const zoom = (event: WheelEvent) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const at = pointOf(event);
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? WHEEL.line : 1);
    const turn = Math.min(WHEEL.most, Math.max(-WHEEL.most, pixels));
    move(at, at, Math.exp(-WHEEL.rate * turn));
  };
  stage.addEventListener("wheel", zoom, { passive: false });
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function listenToKeys(
  picture: HTMLElement,
  { grid, role, hover, brushMoved, move, erase, enter, keys }: Gestures,
): void {
  let place: Spot | undefined;
  picture.addEventListener("blur", () => hover(undefined));
  picture.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    const [height, width] = grid();
    const from = place ?? { x: width >> 1, y: height >> 1, tile: { x: 0, y: 0 } };
    const [dx, dy] = MOVES[event.key] ?? [0, 0];
    const stride = event.shiftKey ? 8 : 1;
    const at = { ...from, x: centre(from.x + dx * stride, width), y: centre(from.y + dy * stride, height) };
    if (key in keys) keys[key]();
    else if (role() === "draw") {
      if (event.key in MOVES) place = at;
      else if (key === "delete" || key === "backspace") erase(at);
      else if (key === "enter") enter(at);
      else return;
      brushMoved(at);
    } else if (role() === "move" && event.key in MOVES) {
      move({ x: 0, y: 0 }, { x: -dx * stride * KEY_STEP, y: -dy * stride * KEY_STEP }, 1);
    } else return;
    event.preventDefault();
  });
}

/** The centre of the cell at a coordinate; beyond the edge, of the nearest. */
function centre(value: number, size: number): number {
  return Math.min(size - 1, Math.max(0, Math.floor(value))) + 0.5;
}
