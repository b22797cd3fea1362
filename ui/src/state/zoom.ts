import { defaultSettings, settingRanges } from "../backend";
import type { App } from "./app";

/** The steps of the keys, as browsers have them. */
const steps = [50, 67, 75, 80, 90, 100, 110, 125, 150, 175, 200].filter((step) => step >= settingRanges.zoom.least && step <= settingRanges.zoom.most);

/** The next larger or smaller zoom; the same at the ends. */
export function zoomStep(now: number, by: -1 | 1): number {
  const next = by > 0 ? steps.find((step) => step > now) : steps.findLast((step) => step < now);
  return next ?? now;
}

/** Zooms the window a step in or out; zero is back to what is usual. It shows at once and is kept. */
export function zoom(app: App, by: -1 | 0 | 1): void {
  const now = app.state.settings.zoom;
  const next = by === 0 ? defaultSettings.zoom : zoomStep(now, by);
  if (next !== now) void app.saveSettings({ zoom: next });
}
