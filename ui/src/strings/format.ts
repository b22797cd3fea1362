/*
 * Figures and times as people read them. Times are relative up to a day, then a weekday, then a date.
 */
import { text } from ".";
import { locale, perLanguage } from "./language";

const dates = (options: Intl.DateTimeFormatOptions, english = "en") => perLanguage((tag) => new Intl.DateTimeFormat(tag === "en" ? english : tag, options));
// English dates are written with the day first, which is read alike on both sides of the Atlantic once the month is a word.
const dayFirst = "en-GB";
const weekday = dates({ weekday: "short" });
const date = dates({ day: "numeric", month: "short" }, dayFirst);
const dateOfYear = dates({ day: "numeric", month: "short", year: "numeric" }, dayFirst);
const longWeekday = dates({ weekday: "long" });
const month = dates({ month: "long" });
const monthAndYear = dates({ month: "long", year: "numeric" });
const exact = dates({ dateStyle: "medium", timeStyle: "short" });
const clock = perLanguage((tag) => new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit", ...(tag === "en" ? { hourCycle: "h23" } : {}) }));
const money = perLanguage((tag) => new Intl.NumberFormat(tag, { style: "currency", currency: "USD", maximumFractionDigits: 2 }));
const smallMoney = perLanguage((tag) => new Intl.NumberFormat(tag, { style: "currency", currency: "USD", maximumFractionDigits: 4 }));
const compact = perLanguage((tag) => new Intl.NumberFormat(tag, { notation: "compact", maximumFractionDigits: 1 }));
const whole = perLanguage((tag) => new Intl.NumberFormat(tag, { maximumFractionDigits: 0 }));
const oneDigit = perLanguage((tag) => new Intl.NumberFormat(tag, { minimumFractionDigits: 1, maximumFractionDigits: 1 }));
const names = perLanguage((tag) => new Intl.Collator(tag, { numeric: true }));

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago, in the fewest characters: `now`, `6m`, `1h`, `Tue`, `9 Nov`. Milliseconds since the epoch. */
export function shortAge(at: number, now: number): string {
  const age = now - at;
  if (age < minute) return text("age.now");
  if (age < hour) return text("age.minutes", { value: Math.floor(age / minute) });
  if (age < day) return text("age.hours", { value: Math.floor(age / hour) });
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
  if (milliseconds < 100) return text("duration.milliseconds", { value: Math.max(0, Math.round(milliseconds)) });
  if (milliseconds < 10 * second) return text("duration.seconds", { value: oneDigit().format(milliseconds / second) });
  const seconds = Math.round(milliseconds / second);
  if (seconds < 60) return text("duration.seconds", { value: seconds });
  // Rounded first: what is all but an hour is an hour, and none has sixty minutes.
  const minutes = Math.round(milliseconds / minute);
  if (minutes < 60) return text("duration.minutes", { value: minutes });
  return text("duration.hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** US dollars: `$0.42`; less than a cent keeps its digits. */
export function cost(dollars: number): string {
  return (dollars > 0 && dollars < 0.01 ? smallMoney : money)().format(dollars);
}

/** A count in few characters: `940`, `12.4k`, `1.2m`. */
export function shortCount(count: number): string {
  const short = compact().format(count);
  // English letters for thousands are small in a row of small figures; other languages have words of their own.
  return locale() === "en" ? short.toLowerCase() : short;
}

/** A whole number with its separators. */
export function wholeNumber(count: number): string {
  return whole().format(count);
}

const units = ["size.kilobytes", "size.megabytes", "size.gigabytes"] as const;

/** A size: `640 B`, `3.1 KB`, `2.1 MB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return text("size.bytes", { value: bytes });
  let value = bytes / 1000;
  let unit = 0;
  // As it is written: what rounds up to a thousand is one of the next.
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return text(units[unit] ?? "size.gigabytes", { value: oneDigit().format(value) });
}

/** The order of names as people of the language sort them, `Ä` beside `A` and `2` before `10`. */
export function byName(left: string, right: string): number {
  return names().compare(left, right);
}

/** What a language calls itself, `Deutsch`. */
export function languageName(tag: string): string {
  const name = new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
  // Some languages write their names small within a sentence; here each stands alone.
  return name.slice(0, 1).toLocaleUpperCase(tag) + name.slice(1);
}
