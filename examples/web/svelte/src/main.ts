import { mount } from "svelte";
import Automaton from "./Automaton.svelte";
import "./style.css";

mount(Automaton, { target: document.getElementById("app")!, props: { src: "model.safetensors" } });
