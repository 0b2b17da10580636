import { expect, it } from "vitest";
import { bytePictures, pickPictures, pictureSets } from "./pictureSet.ts";

const data = Uint8Array.from({ length: 5 * 6 }, (_, i) => 8 * i);
const five = bytePictures({ grid: [2, 3], channels: 1, data, labels: Uint8Array.of(9, 8, 7, 6, 5) });

it("makes numbers from 0 to 1 of bytes", () => {
  expect(five).toMatchObject({ grid: [2, 3], channels: 1, count: 5 });
  expect(five.picture(4)).toEqual(Float32Array.of(192, 200, 208, 216, 224, 232).map((byte) => byte / 255));
  expect(five.label!(4)).toBe(5);
  expect("label" in bytePictures({ grid: [2, 3], channels: 1, data })).toBe(false);
});

it("picks pictures and their labels", () => {
  const odd = pickPictures(five, (index) => index % 2 === 1);
  expect(odd).toMatchObject({ grid: [2, 3], channels: 1, count: 2 });
  expect(odd.picture(1)).toEqual(five.picture(3));
  expect(odd.label!(1)).toBe(6);
  expect(() => odd.picture(2)).toThrow(new RangeError("there is no picture 2 among 2, which count from 0"));
});

it("says what there is", () => {
  const sets = pictureSets(
    "five",
    five,
    pickPictures(five, (index) => index > 2),
  );
  expect(sets.description).toBe("five: 5 grey pictures of 2 x 3, 2 held out");
  expect(pictureSets("five", five, five).description).toBe("five: 5 grey pictures of 2 x 3, none held out");
});

it.each([-1, 5, 0.5, NaN])("has no picture %s", (index) => {
  expect(() => five.picture(index)).toThrow(RangeError);
  expect(() => five.label!(index)).toThrow(RangeError);
});

it("refuses bytes that do not fill pictures, and labels of another number", () => {
  expect(() => bytePictures({ grid: [2, 3], channels: 4, data })).toThrow(
    new RangeError("30 bytes and no labels are no pictures of shape 2 x 3 x 4"),
  );
  expect(() => bytePictures({ grid: [2, 3], channels: 1, data, labels: Uint8Array.of(1) })).toThrow(
    RangeError,
  );
});
