/**
 * Digits as people write them, drawn from numbers: a form of the digit, somewhere between its two extremes, whose
 * points wobble, bent by a smooth deformation of the plane, slanted, turned and inked by a pen of varying width. Sized
 * and centred as MNIST does it: within 20/28 of the picture, the centre of mass in the middle.
 *
 * Sources: Y. LeCun, C. Cortes, C. J. C. Burges, the MNIST database, http://yann.lecun.com/exdb/mnist; the deformation
 * is that of T. W. Sederberg and S. R. Parry, "Free-Form Deformation of Solid Geometric Models", SIGGRAPH 1986.
 */
import { cosineOfDegrees, sineOfDegrees } from "../math.ts";
import { STREAM, uniform } from "../random.ts";
import { digitForms, type DigitForm, type PenPoint } from "./digitForms.ts";
import { checkIndex, pictureSets, type PictureSet, type PictureSets } from "./pictureSet.ts";

/** What these pictures are called where others are named by their folder. */
export const HANDWRITING = "handwriting";

/** Height and width of a picture unless said otherwise, in pixels. */
const SIZE = 28;
const MIN_SIZE = 8;
/** Part of the picture's side that the digit's longer side takes. */
const EXTENT = 20 / 28;

/** A digit's skeleton: ink along the line from one point to the next, `radius` wide to each side. */
type Ink = { x: number; y: number; radius: number; /** Where the pen goes down. */ first: boolean };

/** Draws a number in [0, 1), the next of its sequence. */
type Draw = () => number;

/** Which digits are drawn, how many and how large. */
export type HandwritingOptions = Readonly<{
  /** Different seeds give different digits; the same one the same, bit for bit, on every machine. */
  seed: number;
  /** Number of digits, from 1 on. */
  count: number;
  /** Height and width in pixels, from 8 on; default 28. */
  size?: number;
}>;

/**
 * 60,000 digits to learn from and 10,000 held out, as many as MNIST has. Always the same ones, so that what different
 * trainings reach can be compared; of two seeds, so that no digit is in both.
 *
 * @param size height and width in pixels, from 8 on; default 28.
 */
export function handwritingSets(size?: number): PictureSets {
  const options = size === undefined ? {} : { size };
  const train = handwriting({ seed: 1, count: 60_000, ...options });
  return pictureSets("handwriting", train, handwriting({ seed: 2, count: 10_000, ...options }));
}

/**
 * Handwritten-looking digits, white (1) on black (0), of all ten kinds in random order. Made anew at each call.
 *
 * @example
 * ```ts
 * import { handwriting } from "neoblast";
 *
 * const digits = handwriting({ seed: 0, count: 100 });
 * console.log(digits.count, digits.grid, digits.picture(0).length); // 100 [ 28, 28 ] 784
 * console.log(digits.label?.(0)); // 3
 * ```
 */
export function handwriting({ seed, count, size = SIZE }: HandwritingOptions): PictureSet {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`count must be a whole number from 1 on, not ${count}`);
  }
  checkSize(size);
  const forms = Array.from({ length: 10 }, (_, digit) => digitForms(digit));
  const label = (index: number) => {
    checkIndex(index, count);
    return Math.floor(10 * uniform(seed, STREAM.handwriting, index, 0));
  };
  return {
    grid: [size, size],
    channels: 1,
    count,
    picture: (index) => drawForm(forms[label(index)], seed, index, size),
    label,
    kinds: forms.map((_, digit) => String(digit)),
  };
}

/**
 * One digit, shape (size, size, 1): multiples of 1/255, white (1) on black (0). Drawn from (seed, index) alone; another
 * index is another hand. In {@link handwriting} the digit itself comes from them too.
 *
 * @throws RangeError unless `digit` is 0 to 9 and `size` a whole number from 8 on.
 */
export function drawDigit(
  digit: number,
  { seed, index, size = SIZE }: Readonly<{ seed: number; index: number; size?: number }>,
): Float32Array {
  if (!Number.isInteger(digit) || digit < 0 || digit > 9) {
    throw new RangeError(`a digit is a whole number from 0 to 9, not ${digit}`);
  }
  checkSize(size);
  return drawForm(digitForms(digit), seed, index, size);
}

function checkSize(size: number): void {
  if (!Number.isInteger(size) || size < MIN_SIZE) {
    throw new RangeError(`size must be a whole number of pixels from ${MIN_SIZE} on, not ${size}`);
  }
}

function drawForm(forms: readonly DigitForm[], seed: number, index: number, size: number): Float32Array {
  let drawn = 0;
  const draw: Draw = () => uniform(seed, STREAM.handwriting, index, ++drawn);
  const ink = skeleton(forms, draw);
  deform(ink, draw);
  place(ink, draw);
  press(ink, draw);
  fit(ink, size);
  centre(ink, size);
  return Float32Array.from(rasterise(ink, size), (value) => Math.round(value * 255) / 255);
}

/** About normal, mean 0 and standard deviation 1, never beyond 3: a sum of three uniform numbers. */
function bell(draw: Draw): number {
  return 2 * (draw() + draw() + draw() - 1.5);
}

/** The pen's path through a form that lies between its extremes, or a little beyond. */
function skeleton(forms: readonly DigitForm[], draw: Draw): Ink[] {
  let rest = draw();
  const { strokes } = forms.find(({ share }) => (rest -= share) < 0) ?? forms[0];
  const blend = -0.15 + 1.3 * draw();
  const ink: Ink[] = [];
  for (const { one, other } of strokes) {
    const points = one.map(({ x, y, corner }, i) => {
      const wobble = i === 0 || i === one.length - 1 ? 2 * WOBBLE : WOBBLE;
      return {
        x: x + blend * (other[i].x - x) + wobble * bell(draw),
        y: y + blend * (other[i].y - y) + wobble * bell(draw),
        corner,
      };
    });
    curve(ink, points);
  }
  return ink;
}

/** Standard deviation of a pen point, in hundredths of the digit's height; twice that at the ends of a stroke. */
const WOBBLE = 1.7;
/** Lines that a curve has between two pen points. */
const PIECES = 5;

/** A Catmull-Rom spline through the points, broken at corners. */
function curve(ink: Ink[], points: readonly PenPoint[]): void {
  ink.push({ x: points[0].x, y: points[0].y, radius: 0, first: true });
  for (let i = 1; i < points.length; i++) {
    const [from, to] = [points[i - 1], points[i]];
    const before = i === 1 || from.corner ? from : points[i - 2];
    const after = i === points.length - 1 || to.corner ? to : points[i + 1];
    for (let piece = 1; piece <= PIECES; piece++) {
      const t = piece / PIECES;
      const along = (a: number, b: number, c: number, d: number) =>
        b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
      ink.push({
        x: along(before.x, from.x, to.x, after.x),
        y: along(before.y, from.y, to.y, after.y),
        radius: 0,
        first: false,
      });
    }
  }
}

/** Moves points by a bicubic Bezier patch over the digit's box, whose 4 x 4 handles are pulled at random. */
function deform(ink: Ink[], draw: Draw): void {
  const handles = Array.from({ length: 16 }, () => ({ x: PULL * bell(draw), y: PULL * bell(draw) }));
  for (const point of ink) {
    const across = bernstein(clamp(point.x / 64));
    const down = bernstein(clamp(point.y / 100));
    handles.forEach((handle, i) => {
      const weight = across[i % 4] * down[i >> 2];
      point.x += weight * handle.x;
      point.y += weight * handle.y;
    });
  }
}

/** Standard deviation of a handle, in hundredths of the digit's height. */
const PULL = 11;

function bernstein(t: number): readonly number[] {
  const s = 1 - t;
  return [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
}

/** Narrows or widens, slants to the right (seldom to the left) and turns. */
function place(ink: Ink[], draw: Draw): void {
  const width = 1.1 + 0.2 * bell(draw);
  const slant = 0.14 + 0.27 * bell(draw);
  const degrees = 5 * bell(draw);
  const [cosine, sine] = [cosineOfDegrees(degrees), sineOfDegrees(degrees)];
  for (const point of ink) {
    const x = point.x * width - slant * point.y;
    const y = point.y;
    point.x = x * cosine - y * sine;
    point.y = x * sine + y * cosine;
  }
}

/** The pen's width, which drifts along the path. In hundredths of the digit's height. */
function press(ink: Ink[], draw: Draw): void {
  const radius = 4.5 + 2.6 * (draw() + draw());
  const [start, middle, end] = [draw(), draw(), draw()].map((u) => radius * (0.8 + 0.4 * u));
  ink.forEach((point, i) => {
    const t = i / (ink.length - 1);
    const s = 1 - t;
    point.radius = s * s * start + 2 * s * t * middle + t * t * end;
  });
}

/** Scales to pixels: the longer side of the ink takes {@link EXTENT} of the picture. */
function fit(ink: Ink[], size: number): void {
  const extent = (lie: (point: Ink) => number) => {
    let [low, high] = [Infinity, -Infinity];
    for (const point of ink) {
      low = Math.min(low, lie(point) - point.radius);
      high = Math.max(high, lie(point) + point.radius);
    }
    return { low, length: high - low };
  };
  const [across, down] = [extent(({ x }) => x), extent(({ y }) => y)];
  const scale = (EXTENT * size) / Math.max(across.length, down.length);
  for (const point of ink) {
    point.x = (point.x - across.low - across.length / 2) * scale + size / 2;
    point.y = (point.y - down.low - down.length / 2) * scale + size / 2;
    point.radius *= scale;
  }
}

/** Moves the centre of mass into the middle. */
function centre(ink: Ink[], size: number): void {
  let [mass, x, y] = [0, 0, 0];
  rasterise(ink, size).forEach((value, i) => {
    mass += value;
    x += value * ((i % size) + 0.5);
    y += value * (Math.floor(i / size) + 0.5);
  });
  for (const point of ink) {
    point.x += size / 2 - x / mass;
    point.y += size / 2 - y / mass;
  }
}

/** Covers each pixel by how far it lies inside the nearest line, over {@link SOFTNESS} pixels. */
function rasterise(ink: readonly Ink[], size: number): Float64Array {
  const picture = new Float64Array(size * size);
  for (let i = 1; i < ink.length; i++) {
    const [from, to] = [ink[i - 1], ink[i]];
    if (to.first) continue;
    const reach = Math.max(from.radius, to.radius) + SOFTNESS / 2;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const square = dx * dx + dy * dy;
    const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach));
    const bottom = Math.min(size - 1, Math.floor(Math.max(from.y, to.y) + reach));
    const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach));
    const right = Math.min(size - 1, Math.floor(Math.max(from.x, to.x) + reach));
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const [x, y] = [column + 0.5 - from.x, row + 0.5 - from.y];
        const t = square === 0 ? 0 : clamp((x * dx + y * dy) / square);
        const [offX, offY] = [x - t * dx, y - t * dy];
        const radius = from.radius + t * (to.radius - from.radius);
        const covered = clamp((radius - Math.sqrt(offX * offX + offY * offY)) / SOFTNESS + 0.5);
        const at = row * size + column;
        if (covered > picture[at]) picture[at] = covered;
      }
    }
  }
  return picture;
}

/** Width of a stroke's edge in pixels: a little softer than a sharp one, as in a reduced scan. */
const SOFTNESS = 1.4;

function clamp(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
