/** Of a digit, of which three make a key; and how many values it has. */
const BITS: u32 = 11;
const VALUES: usize = 2048;
/** Bytes of the counts of a digit's values. */
const COUNTS: usize = VALUES << 2;

/** Of the bits of a single-precision number, a whole number that grows with it; NaN is last, or first. */
// @ts-ignore: decorator
@inline
function keyOf(value: f64): u32 {
  const word = reinterpret<u32>(<f32>value);
  return word & 0x80000000 ? ~word : word | 0x80000000;
}

/**
 * Places of numbers from the smallest to the largest, as single precision has them; equals keep their order: a radix sort.
 *
 * @param values in double precision. @param order where to write the places, 4 bytes each. @param scratch 24,576 bytes, and 16 for
 *   each number.
 */
export function ascending(values: usize, count: i32, order: usize, scratch: usize): void {
  const size = <usize>count;
  const counts = scratch;
  let from = scratch + 3 * COUNTS;
  let to = from + (size << 3);
  memory.fill(counts, 0, 3 * COUNTS);
  for (let i: usize = 0; i < size; i++) {
    const key = keyOf(f64.load(values + (i << 3)));
    store<u64>(from + (i << 3), ((<u64>key) << 32) | i);
    for (let digit: usize = 0; digit < 3; digit++) {
      const at = counts + digit * COUNTS + (<usize>((key >> (<u32>digit * BITS)) & (<u32>VALUES - 1)) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
  }
  for (let digit: usize = 0; digit < 3; digit++) {
    const places = counts + digit * COUNTS;
    let place: u32 = 0;
    for (let value: usize = 0; value < COUNTS; value += 4) {
      const many = load<u32>(places + value);
      store<u32>(places + value, place);
      place += many;
    }
    const shift = <u64>(32 + digit * <usize>BITS);
    for (let i: usize = 0; i < size; i++) {
      const entry = load<u64>(from + (i << 3));
      const at = places + (<usize>((entry >> shift) & (<u64>VALUES - 1)) << 2);
      const here = load<u32>(at);
      store<u32>(at, here + 1);
      store<u64>(to + (<usize>here << 3), entry);
    }
    const other = from;
    from = to;
    to = other;
  }
  for (let i: usize = 0; i < size; i++) store<u32>(order + (i << 2), load<u32>(from + (i << 3)));
}
