import DefaultTheme from "vitepress/theme-without-fonts";
import { h } from "vue";
import GrowingPictures from "./GrowingPictures.vue";
import "./style.css";

/** Install, and grow a picture. */
const COMMANDS = ["npm install neoblast", "npx neoblast grow butterfly"];

export default {
  extends: DefaultTheme,
  Layout: () =>
    h(DefaultTheme.Layout, null, {
      "home-hero-image": () => h(GrowingPictures),
      "home-hero-actions-after": () =>
        h("pre", { class: "commands", tabindex: 0, "aria-label": "Two commands" }, COMMANDS.join("\n")),
    }),
};
