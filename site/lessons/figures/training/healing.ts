/** Whether an automaton heals: what is known of one while it lives. */

/** Errors up to which a picture stands, and from which it is wounded. */
const STANDS = 4e-3;
const WOUNDED = 1.2e-2;

export type Health = Readonly<{
  /** Stands: it has been good since it grew. Wounded: it was cut since then. Healed: it is good once more. */
  state: "young" | "stands" | "wounded" | "healed";
}>;

export const YOUNG: Health = { state: "young" };

/** What it is now. @param error mean squared error of its picture. @param wasCut whether cells were removed by then. */
export function healthAfter({ state }: Health, error: number, wasCut: boolean): Health {
  switch (state) {
    case "young":
      return error <= STANDS ? { state: "stands" } : { state };
    case "stands":
    case "healed":
      return wasCut && error >= WOUNDED ? { state: "wounded" } : { state };
    case "wounded":
      return error <= STANDS ? { state: "healed" } : { state };
    default:
      return state satisfies never;
  }
}
