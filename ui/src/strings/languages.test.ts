import { afterEach, describe, expect, test, vi } from "vitest";
import { toApiError } from "../backend";
import { text, textsOf } from ".";
import { byName, byteSize, cost, dayName, duration, languageName, monthName, shortAge, shortCount, timeOfDay, wholeNumber } from "./format";
import { language, languageFor, languages, locale, rememberedLanguage, rememberLanguage, speak } from "./language";
import type { Message, Messages } from "./messages";
import { pseudonym } from "./pseudo";
import { readSources } from "../test/sources";

/** Languages that are to have every text; the others may be on their way. */
const complete = ["de"];

const isMessage = (value: unknown): value is Message => typeof value === "string" || (typeof value === "object" && value !== null && typeof (value as { other?: unknown }).other === "string");
const isPart = (value: unknown): value is Messages => typeof value === "object" && value !== null && Object.keys(value).length > 0 && Object.entries(value).every(([key, entry]) => key.includes(".") && isMessage(entry));

/** All English texts, those of parts that are read later too. */
const english: Messages = Object.assign(
  {},
  ...Object.values(import.meta.glob<Record<string, unknown>>("./*.ts", { eager: true })).flatMap((part) => Object.values(part).filter(isPart)),
);
const others = Object.entries(import.meta.glob<Messages>("./languages/*.ts", { eager: true, import: "texts" })).map(([path, texts]) => [path.slice("./languages/".length, -".ts".length), texts] as const);

const forms = (entry: Message): string[] => (typeof entry === "string" ? [entry] : Object.values(entry));
const names = (form: string) => [...new Set([...form.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].toSorted();

afterEach(() => speak("en"));

test("all English texts are looked at", () => {
  expect(Object.keys(english).length).toBeGreaterThan(1200);
  for (const key of ["shell.home", "storage.body", "palette.label", "error.notFound"]) expect(english).toHaveProperty([key]);
  expect(others.map(([tag]) => tag)).toEqual(expect.arrayContaining(complete));
  expect(languages).toEqual(["en", ...others.map(([tag]) => tag).toSorted()]);
});

describe.each(others)("the language %s", (tag, texts) => {
  test("is named by a tag as people and programs write it", () => {
    expect(Intl.getCanonicalLocales(tag)).toEqual([tag]);
    expect(languageName(tag)).not.toBe(tag);
  });

  test("has no text that English has not", () => {
    expect(Object.keys(texts).filter((key) => !(key in english))).toEqual([]);
  });

  test("has every text when it is said to be complete; what another one lacks is listed", () => {
    const missing = Object.keys(english).filter((key) => !(key in texts));
    process.stdout.write(missing.map((key) => `${tag} lacks ${key}\n`).join(""));
    expect(complete.includes(tag) ? missing : []).toEqual([]);
  });

  test("fills in the same names in every form", () => {
    const wrong = Object.entries(texts).filter(([key, entry]) => {
      const there = english[key];
      if (there === undefined) return false;
      const wanted = names(forms(there).at(-1) ?? "");
      // A form for one thing may say it without the figure.
      return forms(entry).some((form) => JSON.stringify(names(form).filter((name) => name !== "count")) !== JSON.stringify(wanted.filter((name) => name !== "count")) || names(form).some((name) => !wanted.includes(name)));
    });
    expect(wrong.map(([key]) => key)).toEqual([]);
    const uncounted = Object.entries(texts).filter(([key, entry]) => typeof entry !== typeof english[key]);
    expect(uncounted.map(([key]) => key)).toEqual([]);
  });

  test("has every form that its plural rules choose, and no other", () => {
    const rules = new Intl.PluralRules(tag).resolvedOptions().pluralCategories.toSorted();
    const wrong = Object.entries(texts).filter(([, entry]) => typeof entry !== "string" && JSON.stringify(Object.keys(entry).toSorted()) !== JSON.stringify(rules));
    expect(wrong.map(([key]) => key)).toEqual([]);
  });

  test("is spaced and ended as English is", () => {
    const wrong = Object.entries(texts).filter(([key, entry]) => {
      const there = forms(english[key] ?? "").at(-1) ?? "";
      return forms(entry).some((form) => form !== form.trim() || /  /.test(form) || (form === "") !== (there === ""));
    });
    expect(wrong.map(([key]) => key)).toEqual([]);
  });
});

describe("German", () => {
  test("addresses nobody", () => {
    const texts = Object.fromEntries(others)["de"] ?? {};
    const addressing = /\b(?:du|dich|dir|dein\w*|euch|euer\w*|Ihr|Ihre\w*|Ihnen)\b|\b(?:bitte|können|möchten|müssen|haben|sind|wählen|geben|prüfen) Sie\b/;
    expect(Object.entries(texts).filter(([, entry]) => forms(entry).some((form) => addressing.test(form))).map(([key]) => key)).toEqual([]);
  });

  test("is spoken with its figures, dates and sizes", async () => {
    await speak("de");
    expect(language()).toBe("de");
    expect(text("shell.settings")).toBe("Einstellungen");
    expect(text("models.count", { count: 1 })).toBe("1 Modell");
    expect(text("models.count", { count: 12_000 })).toBe("12.000 Modelle");
    const now = new Date(2026, 10, 20, 14, 21).getTime();
    expect([0, 6 * 60_000, 3 * 3_600_000, 8 * 86_400_000].map((age) => shortAge(now - age, now))).toEqual(["jetzt", "6 min", "3 h", "12. Nov."]);
    expect([timeOfDay(now), dayName(now), monthName(now)]).toEqual(["14:21", "20. Nov. 2026", "November"]);
    expect([byteSize(3100), duration(200), wholeNumber(12_400), shortCount(1_200_000)]).toEqual(["3,1 kB", "0,2 s", "12.400", "1,2\u00a0Mio."]);
    expect(cost(0.42)).toBe("0,42\u00a0$");
  });

  test("is what texts of a part say that is read later", async () => {
    const partText = textsOf({ "usage.total": "Total", "usage.nowhere": "Only in English" });
    await speak("de");
    expect(partText("usage.total")).toBe("Summe");
    expect(partText("usage.nowhere")).toBe("Only in English");
  });
});

describe("a text that a language lacks", () => {
  test("is shown in English, and counts as English does", async () => {
    const partText = textsOf({ "nowhere.count": { one: "{count} thing", other: "{count} things" } });
    await speak("de");
    expect([partText("nowhere.count", { count: 1 }), partText("nowhere.count", { count: 2000 })]).toEqual(["1 thing", "2.000 things"]);
  });
});

describe("which language is spoken", () => {
  const have = ["en", "de", "pt-BR", "pt-PT"];
  test.each<[string, string | null, string[], string]>([
    ["the computer's first", null, ["de-AT", "en"], "de"],
    ["the first that there is", null, ["ja", "de", "en"], "de"],
    ["the very one before another region's", null, ["pt-PT"], "pt-PT"],
    ["another region's before none", null, ["pt-AO"], "pt-BR"],
    ["English where there is none", null, ["ja", "ko"], "en"],
    ["English where the computer says nothing", null, [], "en"],
    ["what is chosen, whatever the computer speaks", "de", ["en"], "de"],
    ["English where what is chosen is gone", "fr", ["de"], "en"],
    ["the one that is made up, only when it is chosen", "en-XA", ["de"], "en-XA"],
  ])("is %s", (_what, setting, computer, tag) => expect(languageFor(setting, computer, have)).toBe(tag));

  test("is the last that was chosen, also while an earlier one is still read", async () => {
    const german = speak("de");
    await speak("en");
    await german;
    expect([language(), locale(), text("shell.settings")]).toEqual(["en", "en", "Settings"]);
  });

  test("is remembered for the next start, when there still is such a language", () => {
    expect(rememberedLanguage()).toBe("en");
    rememberLanguage("de");
    expect(rememberedLanguage()).toBe("de");
    localStorage.setItem("language", "../../elsewhere");
    expect(rememberedLanguage()).toBe("en");
  });

  test("has the region of the computer in its figures", async () => {
    vi.spyOn(navigator, "languages", "get").mockReturnValue(["de-CH", "en"]);
    await speak("de");
    expect(language()).toBe("de");
    expect(wholeNumber(12_400)).toMatch(/^12['’]400$/);
  });
});

test("which form a count takes is chosen by the rules of the language, nowhere by hand", () => {
  const byHand = /(?:[=!]==?|[<>]=?)\s*[12]\s*\?\s*(?:\w*[tT]ext\(|rich\(|"\w+\.\w+")/;
  expect(byHand.test('text(files.length === 1 ? "review.file" : "review.files")')).toBe(true);
  expect(readSources(".ts", ".tsx").filter((source) => byHand.test(source.code)).map((source) => source.path)).toEqual([]);
});

test("names sort as people sort them", async () => {
  await speak("de");
  expect(["Zebra", "Ärger", "apfel", "Lauf 10", "Lauf 2"].toSorted(byName)).toEqual(["apfel", "Ärger", "Lauf 2", "Lauf 10", "Zebra"]);
});

test("languages call themselves by their own names", () => {
  expect(["en", "de", "fr"].map(languageName)).toEqual(["English", "Deutsch", "Français"]);
});

describe("why a command failed", () => {
  test("is said as the core says it in English", () => {
    expect(toApiError({ code: "notFound", message: "That thread is gone. Choose another one." }).message).toBe("That thread is gone. Choose another one.");
  });

  test("is said by its code in another language, with the core's words where only it knows what is wrong", async () => {
    await speak("de");
    expect(toApiError({ code: "notFound", message: "That thread is gone." })).toEqual({ code: "notFound", message: "Das ist nicht mehr da." });
    expect(toApiError({ code: "notSaved", message: "The disk is full." }).message).toBe("Das ließ sich nicht speichern. The disk is full.");
    expect(toApiError({ code: "notAllowed", message: "" }).message).toBe("");
  });
});

describe("the language that is made up", () => {
  test("has accents, brackets and 40 % more, and leaves names alone", () => {
    const made = pseudonym("Open the thread of {agent}") as string;
    expect(made).toMatch(/^⟦Öpéñ .*\{agent\}.*⟧$/);
    expect(made.length).toBeGreaterThanOrEqual("Open the thread of {agent}".length + 7);
    expect(pseudonym({ one: "{count} day", other: "{count} days" })).toMatchObject({ one: expect.stringContaining("{count} đáý") as string });
    expect(pseudonym("")).toBe("");
  });

  test("is spoken when it is chosen, and stands in no list", async () => {
    expect(languages).not.toContain("en-XA");
    await speak("en-XA");
    expect(text("shell.toFix", { count: 2 })).toMatch(/^⟦2 ţö fíx .*⟧$/);
  });
});
