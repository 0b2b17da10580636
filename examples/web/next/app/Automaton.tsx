"use client";

import type { NcaCanvas } from "neoblast/element/react";
import "neoblast/element/react";
import { useEffect, useRef, useState } from "react";

/** An automaton at play, and what one can do with it. */
export function Automaton({ src }: { src: string }) {
  const automaton = useRef<NcaCanvas>(null);
  const [view, setView] = useState("picture");
  const [steps, setSteps] = useState(0);
  // React attaches no `onnca-step` to an element that came from the server.
  useEffect(() => {
    const leaving = new AbortController();
    automaton.current?.addEventListener("nca-step", ({ detail }) => setSteps(detail.steps), leaving);
    return () => leaving.abort();
  }, []);
  return (
    <>
      <nca-canvas ref={automaton} src={src} view={view} />
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
