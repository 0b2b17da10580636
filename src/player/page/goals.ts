/** The choice of what cells are asked to draw, in a page whose model draws several things. */
import { isEmoji, withoutSet } from "../../data/emoji.ts";
import type { Provenance } from "../../model/model.ts";
import { oneHot } from "../../train/goals.ts";
import { part } from "./page.ts";

type Goal = NonNullable<Provenance["goals"]>[number];

/** What stands on a goal's button (its emoji, or its name without what tells where it is from), and all there is to say. */
export function goalLabel({ target, picture }: Goal, index: number): { short: string; full: string } {
  const full = target || picture?.source || `Goal ${index + 1}`;
  const [first] = full.split(" ");
  const name = withoutSet(full).replace(/\.[a-z]{3,4}$/i, "");
  return { short: isEmoji(first) ? first : name, full };
}

/** Shows a button a goal. @param input what cells are told at first. @param tell takes what they are told from now on. */
export function connectGoals(
  goals: readonly Goal[],
  input: Float32Array,
  tell: (input: Float32Array) => void,
): void {
  const labels = goals.map(goalLabel);
  const place = part("goals", HTMLElement);
  place.classList.toggle(
    "emoji",
    labels.every(({ short }) => isEmoji(short)),
  );
  place.classList.toggle("many", goals.length > 25);
  const buttons = labels.map(({ short, full }, goal) => {
    const label = document.createElement("label");
    const button = document.createElement("input");
    const text = document.createElement("span");
    Object.assign(button, { type: "radio", name: "goal", autocomplete: "off" });
    const told = oneHot(goal, goals.length);
    button.checked = told.every((value, i) => value === input[i]);
    button.setAttribute("aria-label", full);
    if (goal < 9) button.setAttribute("aria-keyshortcuts", String(goal + 1));
    button.addEventListener("change", () => tell(told));
    text.textContent = short;
    label.title = full;
    label.append(button, text);
    place.append(label);
    return button;
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !/^[1-9]$/.test(event.key)) return;
    buttons[Number(event.key) - 1]?.click();
  });
  const keys = goals.length > 1 ? `<kbd>1</kbd> to <kbd>${Math.min(9, goals.length)}</kbd>` : "<kbd>1</kbd>";
  document.querySelector(".keys")?.insertAdjacentHTML("beforeend", ` ${keys} choose the goal.`);
}
