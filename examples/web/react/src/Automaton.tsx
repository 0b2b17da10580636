import type { NcaCanvas } from "neoblast/element/react";
import "neoblast/element/react";
import { useRef, useState } from "react";

/** An automaton at play, and what one can do with it. */
export function Automaton({ src }: { src: string }) {
  const automaton = useRef<NcaCanvas>(null);
  const [view, setView] = useState("picture");
  const [steps, setSteps] = useState(0);
  return (
    <>
      <nca-canvas ref={automaton} src={src} view={view} onnca-step={({ detail }) => setSteps(detail.steps)} />
      <p>
        <button onClick={() => automaton.current?.damage("half-left")}>Cut it in half</button>
        <select aria-label="View" value={view} onChange={({ target }) => setView(target.value)}>
          <option>picture</option>
          <option>alive</option>
          <option>channels</option>
        </select>
        <output>{steps} steps</output>
      </p>
    </>
  );
}
