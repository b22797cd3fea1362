import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import { createRoot } from "solid-js";
import { createStore } from "solid-js/store";
import { describe, expect, test } from "vitest";
import { defaultSettings, type Settings } from "../backend";
import { media } from "../test/setup";
import { followLook } from "./look";

type Look = Settings;
const light = "(prefers-color-scheme: light)";
const shown = () => ({ ...document.documentElement.dataset });

const firstPaint = readFileSync(join(import.meta.dirname, "..", "..", "public", "first-paint.js"), "utf8");
/** Runs the script that stands in the head of the page. */
const paintFirst = () => runInThisContext(`(localStorage, document, matchMedia) => { ${firstPaint} }`)(localStorage, document, window.matchMedia);

describe("the first frame", () => {
  test("has the look of the last time", () => {
    localStorage.setItem("look", JSON.stringify({ theme: "light", density: "roomy" }));
    paintFirst();
    expect(shown()).toMatchObject({ theme: "light", density: "roomy" });
  });

  test("follows the computer when nothing is known or what is kept is garbage", () => {
    media.matching.add(light);
    paintFirst();
    expect(shown()).toMatchObject({ theme: "light" });
    media.matching.clear();
    localStorage.setItem("look", "{{");
    paintFirst();
    expect(shown()).toMatchObject({ theme: "dark" });
  });
});

describe("the look of the document", () => {
  test("is what the person set", () => {
    const [look, setLook] = createStore<Look>({ ...defaultSettings, theme: "light", density: "compact" });
    const end = createRoot((dispose) => {
      followLook(() => look);
      return dispose;
    });
    expect(shown()).toMatchObject({ theme: "light", density: "compact" });
    setLook({ theme: "dark", density: "roomy" });
    expect(shown()).toMatchObject({ theme: "dark", density: "roomy" });
    end();
  });

  test("follows the computer while it is set to, and only then", () => {
    const [look, setLook] = createStore<Look>({ ...defaultSettings });
    const end = createRoot((dispose) => {
      followLook(() => look);
      return dispose;
    });
    expect(shown()).toMatchObject({ theme: "dark" });
    media.set(light, true);
    expect(shown()).toMatchObject({ theme: "light" });
    setLook({ theme: "dark" });
    media.set(light, false);
    media.set(light, true);
    expect(shown()).toMatchObject({ theme: "dark" });
    end();
    expect(media.listeners.size).toBe(0);
  });

  test("is kept for the first frame of the next start", () => {
    const end = createRoot((dispose) => {
      followLook(() => ({ ...defaultSettings, theme: "light", density: "roomy", moreContrast: true, interfaceSize: 120, codeSize: 90 }));
      return dispose;
    });
    expect(JSON.parse(localStorage.getItem("look") ?? "")).toMatchObject({ theme: "light", density: "roomy", contrast: true, interfaceSize: 120, sizes: { "--scale-code": 0.75 } });
    const { style, dataset } = document.documentElement;
    expect([style.fontSize, style.getPropertyValue("--scale-ui"), dataset["contrast"], dataset["motion"]]).toEqual(["120%", "1.2", "more", ""]);
    end();
    style.cssText = "";
    dataset["contrast"] = "";
    paintFirst();
    expect([style.fontSize, style.getPropertyValue("--scale-code"), dataset["contrast"]]).toEqual(["120%", "0.75", "more"]);
  });

  test("stays as it was until the app has answered", () => {
    document.documentElement.dataset["theme"] = "light";
    const end = createRoot((dispose) => {
      followLook(() => null);
      return dispose;
    });
    expect(shown()).toMatchObject({ theme: "light" });
    end();
  });
});
