import { circleDashed, circlePause, monitor, unplug, x, type IconPath } from "../design/icons";
import { cloudText as text } from "../strings/cloud";
import { dayName, fullTime, shortAge, timeOfDay } from "../strings/format";
import type { Desktop, DesktopState, DesktopStatus } from "./wire";

/** A desktop that was here within this time is here, in milliseconds: it asks for commands several times as often. */
const hereFor = 60_000;

/** How a desktop of the list stands. Where the server leaves that to the page, by when the desktop was here last. */
export function stateOf({ desktop, state, created }: Desktop, now: number): DesktopState {
  if (desktop) return desktop;
  const { lastSeen = null, revoked = null } = state ?? {};
  const nothing = { behind: false, offers: [] };
  if (revoked !== null) return { status: "revoked", since: revoked, ...nothing };
  if (lastSeen === null) return { status: "new", since: created, ...nothing };
  return { status: now - lastSeen < hereFor ? "online" : "offline", since: lastSeen, ...nothing };
}

/** How a desktop stands, in words. */
export function statusWords({ status, since }: Pick<DesktopState, "status" | "since">, now: number): string {
  const time = shortAge(since, now);
  switch (status) {
    case "online":
    case "new":
      return text(`cloud.status.${status}`);
    case "offline":
    case "paused":
    case "revoked":
      return text(`cloud.status.${status}`, { time });
  }
}

/** Since when something is so: the time of day, or the day where that is another one. */
export const sinceWhen = (at: number, now = Date.now()): string => (new Date(at).toDateString() === new Date(now).toDateString() ? timeOfDay(at) : dayName(at));

/** The time of it, in full. */
export const statusTime = ({ since }: Pick<DesktopState, "since">): string => fullTime(since);

/** Each has a sign of its own beside its colour. */
export const statusIcons: Record<DesktopStatus, IconPath> = { online: monitor, offline: unplug, paused: circlePause, revoked: x, new: circleDashed };

/** The same as a small mark. */
export const statusDots: Record<DesktopStatus, string> = { online: "is-success", offline: "dot--hollow", paused: "dot--diamond", revoked: "dot--square is-danger", new: "dot--hollow is-live" };
