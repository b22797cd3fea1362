import { describe, expect, test } from "vitest";
import { rich, text } from ".";
import { byteSize, cost, duration, runningClock, shortAge, shortCount } from "./format";

describe("texts", () => {
  test("fill in names and write numbers with separators", () => {
    expect(text("shell.deleteBody", { title: "Fix {tests}" })).toBe("“Fix {tests}” and its messages go for good. Files it changed stay as they are.");
    expect(text("models.count", { count: 12_000 })).toBe("12,000 models");
  });

  test("choose the form by the count", () => {
    expect(text("models.count", { count: 1 })).toBe("1 model");
    expect(text("models.count", { count: 0 })).toBe("0 models");
  });

  test("keep elements whole between their pieces", () => {
    const link = document.createElement("button");
    expect(rich("home.whereBody", { choose: link })).toEqual([
      "A throw-away folder is made for one thread alone. ",
      link,
      " to work on your own files; the agent asks before it leaves it.",
    ]);
  });
});

describe("figures", () => {
  const now = new Date(2026, 10, 20, 14, 21).getTime();
  const minute = 60_000;

  test("ages are relative up to a day, then a weekday, then a date", () => {
    const ages = [0, 59_999, minute, 59 * minute, 60 * minute, 23 * 60 * minute, 3 * 1440 * minute, 8 * 1440 * minute, 400 * 1440 * minute];
    expect(ages.map((age) => shortAge(now - age, now))).toEqual(["now", "now", "1m", "59m", "1h", "23h", "Tue", "12 Nov", "16 Oct 2025"]);
  });

  test("a clock that went back shows now, not a negative age", () => {
    expect(shortAge(now + 5000, now)).toBe("now");
    expect(runningClock(-3000)).toBe("0:00");
  });

  test("clocks, durations, money, counts and sizes carry their units", () => {
    expect([7000, 72_000, 3_723_000].map(runningClock)).toEqual(["0:07", "1:12", "1:02:03"]);
    expect([12, 200, 38_000, 180_000, 11_520_000].map(duration)).toEqual(["12 ms", "0.2 s", "38 s", "3 min", "3 h 12 min"]);
    // What is all but a minute or an hour is one, and none has sixty of the smaller.
    expect([59_700, 3_590_000, 7_190_000].map(duration)).toEqual(["1 min", "1 h 0 min", "2 h 0 min"]);
    expect([0, 0.42, 0.0031].map(cost)).toEqual(["$0.00", "$0.42", "$0.0031"]);
    expect([940, 12_400, 1_200_000].map(shortCount)).toEqual(["940", "12.4k", "1.2m"]);
    expect([640, 3100, 999_960, 2_100_000].map(byteSize)).toEqual(["640 B", "3.1 KB", "1.0 MB", "2.1 MB"]);
  });
});
