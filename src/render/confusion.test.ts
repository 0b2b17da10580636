import { expect, it } from "vitest";
import { confusionSheet } from "./confusion.ts";

it("has a field for each pair of classes, darker where there is more, and both colours", () => {
  const shares = { cells: 0.75, agreed: 0, right: 0 };
  const { svg, width, height, pictures } = confusionSheet(
    {
      step: 20,
      changed: false,
      ...shares,
      classes: ["cat", "dog"].map((name) => ({ name, pictures: 2, ...shares })),
      confusion: [
        [4, 0],
        [2, 2],
      ],
    },
    "After 20 steps",
  );
  const fills = [...svg.matchAll(/<rect x="\d+" y="\d+" width="46" height="46" fill="([^"]+)"/g)];
  // All, none, and twice a half: the way from paper to the colour goes by the root of the share.
  expect(fills.map(([, fill]) => fill)).toEqual([
    "rgb(12,124,102)",
    "rgb(245,244,240)",
    "rgb(214,124,111)",
    "rgb(80,159,142)",
  ]);
  expect(pictures).toEqual([]);
  expect(width).toBeLessThan(height);
});
