import type { NcaCanvas, Simulation } from "neoblast/element";
import { onBeforeUnmount, shallowRef, type ShallowRef } from "vue";
import { follow } from "./live.ts";

/** An automaton of a figure: `ready` takes the element; `show` gets its state whenever that has changed (`follow`). */
export function useLive(show?: (state: Float32Array, simulation: Simulation) => void): Readonly<{
  element: ShallowRef<NcaCanvas | undefined>;
  ready: (element: NcaCanvas) => void;
  refresh: () => void;
}> {
  const element = shallowRef<NcaCanvas>();
  let following: ReturnType<typeof follow> | undefined;
  onBeforeUnmount(() => following?.stop());
  return {
    element,
    ready(given) {
      element.value = given;
      if (show) following = follow(given, show);
    },
    refresh: () => following?.refresh(),
  };
}
