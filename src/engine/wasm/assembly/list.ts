/** Where a cell lies that a list names. @param base of the first cell. @param list address of its number. */
// @ts-ignore: decorator
@inline
export function cellAt(base: usize, list: usize, cellBytes: usize): usize {
  return base + <usize>load<u32>(list) * cellBytes;
}
