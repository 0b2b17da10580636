import { createApp } from "vue";
import Automaton from "./Automaton.vue";
import "./style.css";

createApp(Automaton, { src: "model.safetensors" }).mount("#app");
