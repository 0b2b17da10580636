import { describe, expect, it } from "vitest";
import { type Gestures, listenForGestures } from "./gestures.ts";
import type { Point, Spot } from "./viewport.ts";

/** Two tiles side by side, each of 10 x 10 cells of 10 pixels. What is done is noted, places in pixels. */
function picture(role: "draw" | "move" | "none" = "draw") {
  const done: string[] = [];
  const note =
    (name: string) =>
    (...places: readonly (Spot | undefined)[]) => {
      const reported = places.map((at) => at && `${at.tile.x * 100 + at.x * 10},${at.y * 10}`);
      done.push([name, ...reported].join(" "));
    };
  const gestures: Gestures = {
    grid: () => [10, 10],
    pointOf: ({ clientX: x, clientY: y }) => ({ x, y }),
    spotAt: ({ x, y }: Point) => {
      const tile = Math.floor(x / 100);
      return { x: (x - tile * 100) / 10, y: y / 10, tile: { x: tile, y: 0 } };
    },
    role: () => role,
    hover: () => undefined,
    brushMoved: note("brushMoved"),
    press: note("press"),
    draw: note("draw"),
    double: () => false,
    move: (from, to, factor) => void done.push(`move ${from.x} ${to.x} x${factor}`),
    enter: note("use"),
    erase: note("erase"),
    keys: { " ": () => void done.push("space") },
  };
  const stage: any = Object.assign(new EventTarget(), { setPointerCapture: () => undefined });
  const focused: any = new EventTarget();
  listenForGestures(stage, focused, gestures);
  const send = (type: "down" | "move" | "up", pointer: Pointer, clientX = 0, clientY = 50) => {
    const event = new Event(`pointer${type}`);
    stage.dispatchEvent(Object.assign(event, { ...pointer, clientX, clientY, button: 0 }));
  };
  /** Whether the page is left to do something with the key. */
  const type = (key: string): boolean =>
    focused.dispatchEvent(Object.assign(new Event("keydown", { cancelable: true }), { key }));
  return { done, send, type };
}

type Pointer = Readonly<{ pointerId: number; pointerType: "mouse" | "pen" | "touch" }>;
const mouse: Pointer = { pointerId: 1, pointerType: "mouse" };
const pen: Pointer = { pointerId: 2, pointerType: "pen" };
const [finger, other]: Pointer[] = [3, 4].map((pointerId) => ({ pointerId, pointerType: "touch" }));

describe("pointers", () => {
  it("press once, and draw on from each tile's edge", () => {
    const { done, send } = picture();
    send("down", mouse, 80);
    for (const x of [90, 110, 120]) send("move", mouse, x);
    send("up", mouse, 120);
    expect(done).toEqual(["press 80,50", "draw 80,50 90,50", "draw 110,50 110,50", "draw 110,50 120,50"]);
  });

  it("pinch where both are fingers, and do not draw then", () => {
    const { done, send } = picture();
    send("down", finger, 40);
    send("down", other, 60);
    send("move", other, 80);
    send("up", other, 80);
    send("up", finger, 40);
    expect(done).toEqual(["move 50 60 x2"]);
  });

  it.each(["before", "after"])("draw on where a hand rests on the picture, there %s a pen", (when) => {
    const { done, send } = picture();
    if (when === "before") send("down", finger, 90);
    send("down", pen, 20);
    if (when === "after") send("down", finger, 90);
    send("move", finger, 80);
    send("move", pen, 30);
    send("up", finger, 80);
    send("move", pen, 40);
    send("up", pen, 40);
    expect(done).toEqual(["press 20,50", "draw 20,50 30,50", "draw 30,50 40,50"]);
    send("down", finger, 50);
    send("up", finger, 50);
    expect(done.at(-1)).toBe("press 50,50");
  });
});

describe("keys", () => {
  const typed = ["ArrowLeft", "Delete", "Enter"];

  it("move the brush and use it", () => {
    const { done, type } = picture();
    expect(typed.map(type)).toEqual([false, false, false]);
    const at = "45,55";
    expect(done).toEqual([
      `brushMoved ${at}`,
      `erase ${at}`,
      `brushMoved ${at}`,
      `use ${at}`,
      `brushMoved ${at}`,
    ]);
  });

  it("move the picture with the tool for it", () => {
    const { done, type } = picture("move");
    expect(typed.map(type)).toEqual([false, true, true]);
    expect(done).toEqual(["move 0 40 x1"]);
  });

  it("without a tool are left to the page, but for those of play", () => {
    const { done, type } = picture("none");
    expect([...typed, " "].map(type)).toEqual([true, true, true, false]);
    expect(done).toEqual(["space"]);
  });
});
