// Keeps the page, so that it opens without a network. Where a file changes, give VERSION another number.
const NAME = "automaton-";
const VERSION = `${NAME}1`;
const FILES = ["./", "style.css", "model.safetensors", "node_modules/neoblast/dist/element/nca-canvas.js"];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(FILES)));
});

addEventListener("activate", (event) => {
  const old = async () => (await caches.keys()).filter((name) => name.startsWith(NAME) && name !== VERSION);
  event.waitUntil(old().then((names) => Promise.all(names.map((name) => caches.delete(name)))));
});

addEventListener("fetch", (event) => {
  event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)));
});
