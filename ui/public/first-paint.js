// Runs before the first paint, so that a light window does not flash dark. What the person set lives in the app;
// this is only the copy of the last look, and the app corrects it as soon as it has answered.
//
// It also asks the app for the first picture, so that the answer is there when the rest of the page has been read.
(function () {
  let look = {};
  try {
    look = JSON.parse(localStorage.getItem("look") || "{}") || {};
  } catch {
    look = {};
  }
  const light = look.theme === "light" || (look.theme !== "dark" && matchMedia("(prefers-color-scheme: light)").matches);
  document.documentElement.dataset.theme = light ? "light" : "dark";
  if (look.density === "compact" || look.density === "roomy") document.documentElement.dataset.density = look.density;
  const { dataset, style } = document.documentElement;
  if (look.contrast === true) dataset.contrast = "more";
  if (look.reduceMotion === true) dataset.motion = "reduced";
  if (typeof look.interfaceSize === "number") style.setProperty("font-size", `${look.interfaceSize}%`);
  for (const name of ["--scale-ui", "--scale-reading", "--scale-code"]) {
    if (typeof look.sizes?.[name] === "number") style.setProperty(name, String(look.sizes[name]));
  }
  // oxlint-disable-next-line no-underscore-dangle -- the shell's own name
  window.firstAnswer = window.__TAURI_INTERNALS__?.invoke("start");
  // Whoever takes the answer takes its failure too.
  window.firstAnswer?.catch(() => undefined);
})();
