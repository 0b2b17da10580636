const automaton = document.querySelector("nca-canvas");

automaton.addEventListener("nca-step", ({ detail }) => {
  document.querySelector("output").value = `${detail.steps} steps`;
});
document.querySelector("select").addEventListener("change", ({ target }) => {
  automaton.view = target.value;
});
document.querySelector("button").addEventListener("click", () => automaton.damage("half-left"));
