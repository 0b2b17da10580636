import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Automaton } from "./Automaton";
import "./style.css";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Automaton src="model.safetensors" />
  </StrictMode>,
);
