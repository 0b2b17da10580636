// A window of one page, which gets these files and nothing else.
import { app, BrowserWindow, net, protocol } from "electron";

const beside = (name) => new URL(name, import.meta.url).href;
const files = new Map([
  ["/", beside("index.html")],
  ["/style.css", beside("style.css")],
  ["/page.js", beside("page.js")],
  ["/model.safetensors", beside("model.safetensors")],
  ["/nca-canvas.js", import.meta.resolve("neoblast/element")],
]);

// Pages of file: may not fetch the model.
protocol.registerSchemesAsPrivileged([
  { scheme: "app", privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);

app.whenReady().then(() => {
  protocol.handle("app", ({ url }) => {
    const file = files.get(new URL(url).pathname);
    return file ? net.fetch(file) : new Response(null, { status: 404 });
  });
  new BrowserWindow({ width: 420, height: 540 }).loadURL("app://page/");
});

app.on("window-all-closed", () => app.quit());
