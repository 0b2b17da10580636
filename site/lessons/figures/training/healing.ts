/** Whether an automaton heals: what is known of one while it lives. */

/** Errors up to which a picture stands, and from which it is wounded. */
const STANDS = 4e-3;
const WOUNDED = 1.2e-2;

/** Not good yet; good; good, and cut since then; worse for the cut; good once more. */
export type Health = "young" | "stands" | "cut" | "wounded" | "healed";

/** What it is once cells were taken from it. Who was not good before has nothing to heal. */
export function healthAfterCut(health: Health): Health {
  return health === "stands" || health === "healed" ? "cut" : health;
}

/** What it is now. @param error mean squared error of its picture. */
export function healthAfter(health: Health, error: number): Health {
  if (health === "young" && error <= STANDS) return "stands";
  if (health === "cut" && error >= WOUNDED) return "wounded";
  if (health === "wounded" && error <= STANDS) return "healed";
  return health;
}
