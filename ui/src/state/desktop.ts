import { createEffect, on } from "solid-js";
import { language } from "../strings/language";
import type { App } from "./app";
import { afterPaint } from "./painted";

/** Hands the core what the desktop is told, in the language that is spoken. The words are read after the first picture. */
export function tellDesktopWords(app: App): void {
  createEffect(
    on([() => app.state.phase, language], ([phase]) => {
      if (phase === "ready") afterPaint(() => void hand(app));
    }),
  );
}

async function hand(app: App): Promise<void> {
  if (!app.can("section.notifications")) return;
  try {
    const { settingsText: text } = await import("../strings/settings");
    await app.backend.commands.notificationWords({
      ended: text("tell.ended"),
      asksPermission: text("tell.asksPermission"),
      asksQuestion: text("tell.asksQuestion"),
      answeredAfar: text("tell.answeredAfar"),
      failed: text("tell.failed"),
      thread: text("tell.thread"),
      tried: text("tell.tried"),
    });
  } catch {
    // The core has words of its own, in English.
  }
}
