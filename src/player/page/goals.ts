/** The choice of the goal, the picture that cells are to draw, in a page whose model draws several. */
import { isEmoji, withoutSet } from "../../data/emoji.ts";
import type { Provenance } from "../../model/model.ts";
import { oneHot } from "../../train/goals.ts";
import { part } from "./page.ts";

type Goal = NonNullable<Provenance["goals"]>[number];

/** The text of a goal's button (its emoji, or its name without the emoji set it is from), and its full name. */
export function goalLabel({ target, picture }: Goal, index: number): { short: string; full: string } {
  const full = target || picture?.source || `Goal ${index + 1}`;
  const [first] = full.split(" ");
  const name = withoutSet(full).replace(/\.[a-z]{3,4}$/i, "");
  return { short: isEmoji(first) ? first : name, full };
}

/** Shows a button for each goal. @param input the input of cells at first. @param setInput called with the chosen input. */
export function connectGoals(
  goals: readonly Goal[],
  input: Float32Array,
  setInput: (input: Float32Array) => void,
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
    const goalInput = oneHot(goal, goals.length);
    button.checked = goalInput.every((value, i) => value === input[i]);
    button.setAttribute("aria-label", full);
    if (goal < 9) button.setAttribute("aria-keyshortcuts", String(goal + 1));
    button.addEventListener("change", () => setInput(goalInput));
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
