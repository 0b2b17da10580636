/** What runs are trained for. */
import type { Target } from "../data/image.ts";
import type { PictureSets } from "../data/pictureSet.ts";
import type { RowPuzzleSets } from "../data/rowPuzzles.ts";
import type { Grid, Plane } from "../rule/grid.ts";
import type { Named } from "./trained.ts";

/** What to call what a run is trained for. */
export type SubjectNames = Named &
  Readonly<{ /** Where there are several. */ parts?: readonly Named[] | undefined }>;

/** What a run is trained for, and what to call it. */
export type Subject = SubjectNames & Readonly<{ /** That of the run. */ grid: Grid }>;

/** One picture, or several, of which an input chooses one. */
export type PictureSubject = Subject &
  Readonly<{
    grid: Plane;
    /** All on the grid of the run, colours premultiplied as the rule says. */
    targets: readonly Target[];
  }>;

/** Pictures in pairs: what each of `starts` becomes. */
export type PairSubject = PictureSubject & Readonly<{ starts: readonly Target[] }>;

/** Pictures, to learn from and held out. */
export type PictureSetSubject = Subject & Pick<PictureSets, "train" | "test">;

/** Puzzles of rows, to learn from and held out. */
export type PuzzleSubject = Subject & Pick<RowPuzzleSets, "train" | "test">;

/** What an experiment can be for. `pictures`: one, or several that one automaton learns. */
export type SubjectKinds = {
  picture: PictureSubject;
  pictures: PictureSubject;
  /** An even number of pictures, of which the first of two becomes the second. */
  "picture pairs": PairSubject;
  /** One picture, or a material of the shelf (`data/materials.ts`). */
  texture: PictureSubject;
  "picture set": PictureSetSubject;
  puzzles: PuzzleSubject;
};
export type SubjectKind = keyof SubjectKinds;
