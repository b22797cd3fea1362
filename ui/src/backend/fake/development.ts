import type { Backend } from "../index";
import * as fixtures from "../../conversation/fixtures";
import { createFakeBackend, fakeFirstStart, fakeStart } from "./index";

/** A core for looking at the window in a browser. `?world=first` shows the first day, `failed` and `starting` an engine that is not there. */
export function developmentBackend(): Backend {
  const wanted = new URLSearchParams(location.search);
  const world = wanted.get("world");
  const start = world === "first" ? fakeFirstStart() : fakeStart();
  const theme = wanted.get("theme");
  if (theme === "light" || theme === "dark") start.settings.theme = theme;
  const density = wanted.get("density");
  if (density === "compact" || density === "roomy") start.settings.density = density;
  if (world === "starting") start.engine = { kind: "starting", step: "launching", since: Date.now() };
  if (world === "failed") {
    start.engine = {
      kind: "failed",
      code: "exited",
      message: "The engine ended as soon as it started. Your threads are kept; restart it, or look at its log.",
      log: ["listening on 127.0.0.1:41213", "panic: address already in use", "exit status 2"],
    };
  }
  return createFakeBackend({ start, conversations: fixtures.conversations });
}
