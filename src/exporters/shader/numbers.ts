/** Numbers as GLSL writes them. */

/** The shortest decimal that float32 reads back as the same number, as a GLSL float. */
export function glslFloat(value: number): string {
  const exact = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(exact.toPrecision(digits));
    if (Math.fround(short) === exact) return withPoint(short);
  }
  return withPoint(Number(exact.toPrecision(9)));
}

function withPoint(value: number): string {
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** `vec4(...)` of four numbers. */
export function glslVector(values: ArrayLike<number>, from = 0): string {
  return `vec4(${Array.from({ length: 4 }, (_, i) => glslFloat(values[from + i])).join(", ")})`;
}

/** `mat4(...)` of 16 numbers, column by column; whole numbers stand without a point. */
export function glslMatrix(values: ArrayLike<number>): string {
  return `mat4(${Array.from({ length: 16 }, (_, i) => glslFloat(values[i]).replace(/\.0$/, "")).join(",")})`;
}

/** A constant array, as many items on a line as fit. */
export function glslArray(type: string, name: string, items: readonly string[]): string {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + item.length < 110) lines[lines.length - 1] = `${last}, ${item}`;
    else lines.push(item);
  }
  return `const ${type} ${name}[${items.length}] = ${type}[](\n  ${lines.join(",\n  ")}\n);`;
}

/** Text that may stand in a comment of a shader: printable ASCII on one line, without the backslash, which joins lines. */
export function commentText(text: string): string {
  return text
    .normalize("NFC")
    .replaceAll(/[^ -[\]-~]/gu, "")
    .trim();
}
