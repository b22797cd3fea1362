// Looks at the page of an org's server in a real Chromium, over the stand-in: every screen at the sizes of a phone, a
// small window, also at twice its size, and a large one, in both themes. Keeps a picture of each, and fails on what breaks a rule of axe or the
// content security policy, scrolls sideways, or is too small for a finger. `node scripts/cloud-look.mjs [folder] [screen]`.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { standIn } from "./cloud-stand-in.mjs";

const [, , folder = join(import.meta.dirname, "..", "..", "target", "cloud-shots"), only] = process.argv;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sizes = [
  [360, 740],
  // A small window at twice its size.
  [410, 450],
  [820, 900],
  [1440, 900],
].filter(([width]) => process.env.LOOK_WIDTH === undefined || process.env.LOOK_WIDTH === String(width));
/** CSS pixels that a finger needs. */
const finger = 44;

const workspace = "#/desktops/dsk_1";
const thread = (id) => `${workspace}/threads/${id}`;
const code = Buffer.from(JSON.stringify({ pairingId: "prg_0123456789abcdef", deviceId: "dev_0123456789abcdef", token: "ocp_secret", label: "Ada’s laptop" })).toString("base64url");
const byTestId = (page, name) => page.getByTestId(name).first();
const shown = (name) => (page) => byTestId(page, name).waitFor();
const gave = (state, reason = null) => ({ server }) => {
  server.send("dsk_1", "command", { id: `cmd_${state}`, command: "prompt_send", session: "pricing-copy", ask: null, text: "Shorten the paragraph on enterprise plans to two sentences", state, given: 1, expires: Date.now() + 500_000, reason, news: true });
};

/** Each screen: the world, the address, and what is done until it is there. */
const screens = {
  "sign-in": { world: { signedIn: false }, go: shown("sign-in") },
  "sign-in-wrong": { world: { signedIn: false }, go: async (page) => (await byTestId(page, "email").fill("ada@example.org"), await byTestId(page, "password").fill("wrong"), await byTestId(page, "sign-in").click(), await byTestId(page, "failure-words").waitFor()) },
  "not-set-up": { world: { signedIn: false, setUp: false }, go: shown("not-set-up") },
  welcome: { world: { signedIn: false, setUp: false }, hash: "#owner=oco_first", go: async (page) => (await byTestId(page, "begin").click(), await page.getByRole("alert").first().waitFor()) },
  invitation: { world: { signedIn: false }, hash: "#code=oci_come", go: shown("accept") },
  "invitation-signed-in": { hash: "#code=oci_come", go: shown("accept") },
  "invitation-dead": { world: { signedIn: false }, hash: "#code=oci_gone", go: shown("not-now") },
  desktops: { go: shown("desktop") },
  "desktops-none": { world: { desktops: [] }, go: shown("no-desktops") },
  add: { hash: "#/add", go: shown("pair-link") },
  "add-filled": { hash: `#pair=${code}`, go: shown("pairing-id") },
  details: { hash: "#/desktops/dsk_1/details", go: shown("revoke") },
  "details-end": { hash: "#/desktops/dsk_1/details", go: async (page) => (await byTestId(page, "revoke").click(), await byTestId(page, "revoke-sure").waitFor()) },
  people: { hash: "#/people", go: async (page) => (await byTestId(page, "invite-email").fill("noor@example.org"), await byTestId(page, "invite").click(), await byTestId(page, "invitation-link").waitFor()) },
  tokens: { hash: "#/tokens", go: async (page) => (await byTestId(page, "token-label").fill("Deploys"), await byTestId(page, "make-token").click(), await byTestId(page, "new-token").waitFor()) },
  audit: { hash: "#/audit", go: shown("audit-row") },
  account: { hash: "#/account", go: shown("session") },
  home: { hash: workspace, go: (page) => page.locator(".work-row").first().waitFor() },
  "home-reading": { hash: "#/desktops/dsk_2", go: shown("silent") },
  thread: { hash: thread("flaky-retry"), go: shown("permission") },
  question: { hash: thread("rate-limit"), go: shown("question") },
  working: { hash: thread("image-sizes"), go: shown("composer-stop") },
  offline: { hash: thread("pricing-copy"), go: async (page, { server }) => (await byTestId(page, "composer-input").waitFor(), server.setDesktop("dsk_1", { status: "offline" }), gave("waiting")({ server }), gave("confirmation")({ server }), gave("expired")({ server }), gave("blocked", "Prompts from afar are off.")({ server }), await byTestId(page, "desktop-stands").waitFor()) },
  lost: { hash: thread("pricing-copy"), go: async (page, { server }) => (await byTestId(page, "composer-input").waitFor(), server.breakOff(true), await byTestId(page, "link-lost").waitFor()) },
  inbox: { hash: `${workspace}/inbox`, world: { inbox: true }, go: shown("inbox-row") },
  settings: { hash: `${workspace}/settings`, go: (page) => page.locator("[data-setting='theme']").waitFor() },
  sidebar: { hash: workspace, go: async (page) => (await page.locator(".work-row").first().waitFor(), (await page.locator(".sidebar-toggle button").count()) > 0 && (await page.locator(".sidebar-toggle button").click()), await byTestId(page, "session-row").waitFor()) },
  palette: { hash: workspace, go: async (page) => (await page.locator(".work-row").first().waitFor(), await page.keyboard.press("Control+Shift+P"), await byTestId(page, "palette").waitFor()) },
};

mkdirSync(folder, { recursive: true });
const stand = await standIn();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
const wrong = [];

/** Controls that cannot be reached by looking. Runs in the page. */
function outside() {
  return [...document.querySelectorAll("button, input, select, textarea, a[href]")]
    .filter((each) => {
      const { width, left, right } = each.getBoundingClientRect();
      return width > 0 && (right > innerWidth + 1 || left < -1) && !each.closest(".sr-only") && getComputedStyle(each).clipPath === "none";
    })
    .map((each) => each.outerHTML.slice(0, 120));
}

/** Controls that a finger misses, but for those within a text and those whose line is pressed. Runs in the page. */
function small(least) {
  return [...document.querySelectorAll("button, select, a[href], input:not([type=checkbox]), textarea")]
    .filter((each) => {
      const { width, height } = each.getBoundingClientRect();
      const isHidden = width === 0 || getComputedStyle(each).clipPath !== "none" || (each.getAttribute("tabindex") === "-1" && each.getAttribute("role") === null);
      if (isHidden || each.closest(".sr-only, .statusbar, p, dd, .prose, .tool")) return false;
      const before = getComputedStyle(each, "::before");
      const reach = (side) => (before.content !== "none" && before.position === "absolute" ? -Math.min(0, Number.parseFloat(before[side]) || 0) : 0);
      return width + reach("left") + reach("right") < least - 0.5 || height + reach("top") + reach("bottom") < least - 0.5;
    })
    .map((each) => `${Math.round(each.getBoundingClientRect().width)}×${Math.round(each.getBoundingClientRect().height)} ${each.outerHTML.slice(0, 140)}`);
}

async function look(name, screen, size, theme) {
  const label = `${name}-${size[0]}-${theme}`;
  stand.anew(screen.world);
  if (screen.world?.inbox) {
    const core = stand.server.core("dsk_1");
    const row = { session: "flaky-retry", thread: "flaky-retry", title: "Fix flaky retry tests", folder: "atlas", agent: "build", asked: Date.now() - 120_000, subject: "shell", runs: ["npm test"], about: "npm test", destructive: false, proposals: [] };
    core.world.inbox = { rows: [{ ...row, id: "ask-1" }, { ...row, id: "ask-2", about: "npm run build", runs: ["npm run"] }], more: 0 };
    for (const { permissions } of core.conversations.values()) for (const permission of permissions) for (const id of ["ask-1", "ask-2"]) core.known.asks.set(id, { permission: { ...permission, id }, question: null });
  }
  const context = await browser.newContext({ viewport: { width: size[0], height: size[1] }, colorScheme: theme, hasTouch: size[0] < 600, isMobile: size[0] < 600, reducedMotion: "reduce", locale: process.env.LOOK_LOCALE ?? "en" });
  const page = await context.newPage();
  const say = (what) => wrong.push(`${label}: ${what}`);
  page.on("console", (message) => message.type() === "error" && !/Failed to load resource|ERR_/.test(message.text()) && say(message.text()));
  page.on("pageerror", (error) => say(error.stack ?? error.message));
  try {
    await page.goto(`${stand.url}/${screen.hash ?? ""}`);
    await screen.go(page, { server: stand.server });
    await page.evaluate(() => document.fonts.ready);
    await page.waitForTimeout(150);
    await page.screenshot({ path: join(folder, `${label}.png`) });
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (sideways > 0) say(`is ${sideways} px wider than the window`);
    for (const each of await page.evaluate(outside)) say(`stands outside of the window: ${each}`);
    if (size[0] < 600) for (const each of await page.evaluate(small, finger)) say(`is small for a finger: ${each}`);
    // The policy lets no script in but the page's own; the inspector's way is not subject to it.
    const broken = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.flatMap(({ id, help, nodes }) => nodes.map((node) => id + ": " + help + ": " + node.html.slice(0, 160) + " " + (node.any[0]?.message ?? ""))))`);
    for (const each of broken) say(each);
  } catch (error) {
    await page.screenshot({ path: join(folder, `${label}-failed.png`) });
    say(String(error).split("\n")[0]);
  }
  await context.close();
}

for (const [name, screen] of Object.entries(screens)) {
  if (only !== undefined && !only.split(",").includes(name)) continue;
  for (const size of sizes) for (const theme of ["dark", "light"]) await look(name, screen, size, theme);
}
await browser.close();
await stand.end();
for (const line of wrong) console.log(line);
console.log(`${wrong.length} things are wrong; the pictures are in ${folder}`);
process.exit(wrong.length > 0 ? 1 : 0);
