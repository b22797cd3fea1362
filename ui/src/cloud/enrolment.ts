import type { Enrolment } from "./wire";

/** Characters of what is entered; more is nothing a desktop shows. */
const longest = 4096;
const names = ["pairingId", "deviceId", "token", "label"] as const;

const isEnrolment = (found: unknown): found is Enrolment => typeof found === "object" && found !== null && names.every((name) => typeof (found as Record<string, unknown>)[name] === "string");

/** What a desktop shows to be entered: its link, or what stands in it behind `pair=`. Nothing where it is neither. */
export function readEnrolment(written: string): Enrolment | undefined {
  const code = written.trim().replace(/^[\s\S]*#?pair=/, "");
  if (code === "" || code.length > longest || !/^[\w-]+=*$/.test(code)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(code.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "")), (letter) => letter.codePointAt(0) ?? 0);
    const found: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (!isEnrolment(found)) return undefined;
    const { pairingId, deviceId, token, label } = found;
    return { pairingId, deviceId, token, label };
  } catch {
    return undefined;
  }
}
