/*
 * Figures and times as people read them. Times are relative up to a day, then a weekday, then a date.
 */
import { lazily } from "./lazily";

const language = "en";
const dayFirst = "en-GB";
const weekday = lazily(() => new Intl.DateTimeFormat(language, { weekday: "short" }));
const date = lazily(() => new Intl.DateTimeFormat(dayFirst, { day: "numeric", month: "short" }));
const dateOfYear = lazily(() => new Intl.DateTimeFormat(dayFirst, { day: "numeric", month: "short", year: "numeric" }));
const longWeekday = lazily(() => new Intl.DateTimeFormat(language, { weekday: "long" }));
const month = lazily(() => new Intl.DateTimeFormat(language, { month: "long" }));
const monthAndYear = lazily(() => new Intl.DateTimeFormat(language, { month: "long", year: "numeric" }));
const exact = lazily(() => new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }));
const clock = lazily(() => new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hour12: false }));
const money = lazily(() => new Intl.NumberFormat(language, { style: "currency", currency: "USD", maximumFractionDigits: 2 }));
const smallMoney = lazily(() => new Intl.NumberFormat(language, { style: "currency", currency: "USD", maximumFractionDigits: 4 }));
const compact = lazily(() => new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 }));

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago, in the fewest characters: `now`, `6m`, `1h`, `Tue`, `9 Nov`. Milliseconds since the epoch. */
export function shortAge(at: number, now: number): string {
  const age = now - at;
  if (age < minute) return "now";
  if (age < hour) return `${Math.floor(age / minute)}m`;
  if (age < day) return `${Math.floor(age / hour)}h`;
  const then = new Date(at);
  if (age < 6 * day) return weekday().format(then);
  return (then.getFullYear() === new Date(now).getFullYear() ? date : dateOfYear)().format(then);
}

/** The day of the week, `Tuesday`. */
export const weekdayName = (at: number): string => longWeekday().format(at);
/** The month, `November`, and with its year, `November 2025`. */
export const monthName = (at: number): string => month().format(at);
export const monthOfYear = (at: number): string => monthAndYear().format(at);
/** The year, `2025`. */
export const yearName = (at: number): string => String(new Date(at).getFullYear());

/** A point in time in full, for tooltips and screen readers. */
export function fullTime(at: number): string {
  return exact().format(new Date(at));
}

/** A day in full, as it is written in a table: `20 Nov 2026`. */
export function dayName(at: number): string {
  return dateOfYear().format(new Date(at));
}

/** The time of day, `14:21`. */
export function timeOfDay(at: number): string {
  return clock().format(new Date(at));
}

const pad = (value: number) => String(value).padStart(2, "0");

/** A running clock: `0:07`, `12:30`, `1:02:03`. Milliseconds. */
export function runningClock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / second));
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${pad(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`;
}

/** How long something took: `12 ms`, `0.2 s`, `38 s`, `3 min`. Milliseconds. */
export function duration(milliseconds: number): string {
  if (milliseconds < 100) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (milliseconds < 10 * second) return `${(milliseconds / second).toFixed(1)} s`;
  if (milliseconds < minute) return `${Math.round(milliseconds / second)} s`;
  if (milliseconds < hour) return `${Math.round(milliseconds / minute)} min`;
  return `${Math.floor(milliseconds / hour)} h ${Math.round((milliseconds % hour) / minute)} min`;
}

/** US dollars: `$0.42`; less than a cent keeps its digits. */
export function cost(dollars: number): string {
  return (dollars > 0 && dollars < 0.01 ? smallMoney : money)().format(dollars);
}

/** A count in few characters: `940`, `12.4k`, `1.2m`. */
export function shortCount(count: number): string {
  return compact().format(count).toLowerCase();
}

/** A size: `640 B`, `3.1 KB`, `2.1 MB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["KB", "MB", "GB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit] ?? ""}`;
}
