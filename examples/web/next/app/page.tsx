import { Automaton } from "./Automaton";

/** Rendered on the server, the element in it. */
export default function Page() {
  return (
    <main>
      <Automaton src="model.safetensors" />
    </main>
  );
}
