import { screen, waitFor, within } from "@solidjs/testing-library";
import { afterEach, describe, expect, test } from "vitest";
import { openPage } from "../test/cloud/page";
import { fakeDesktop, fakeThen, online, password } from "../test/cloud/server";
import { settle } from "../test/cloud/settle";
import { media } from "../test/setup";
import { narrowFrame } from "./Frame";

const field = (name: string) => screen.getByTestId<HTMLInputElement>(name);
const code = (change: object = {}) => btoa(JSON.stringify({ pairingId: "prg_new", deviceId: "dev_new", token: "ocp_new", label: "Laptop", ...change }));
const title = () => screen.getByRole("heading", { level: 1 }).textContent;

afterEach(() => {
  location.hash = "";
});

describe("the desktops", () => {
  test("stand there with how they are, one's own first", async () => {
    await openPage();
    const rows = await screen.findAllByTestId("desktop");
    expect(rows.map((row) => row.dataset["status"])).toEqual(["online", "offline"]);
    expect(rows[1]?.textContent).toMatch(/Build server.*Offline since.*Behind.*Lin Okafor’s/);
    expect(within(rows[0] as HTMLElement).getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual(["#/desktops/dsk_1", "#/desktops/dsk_1/details"]);
  });

  test.each([
    ["paused", "Paused at the desktop"],
    ["revoked", "Pairing ended"],
    ["new", "Waits for its first connection"],
  ] as const)("that are %s say so", async (status, words) => {
    await openPage({ desktops: [fakeDesktop("dsk_1", "One", { desktop: { ...online(), status, since: fakeThen } })] });
    expect((await screen.findByTestId("desktop")).textContent).toContain(words);
  });

  test("that are only there to be ended lead to their details", async () => {
    await openPage({ desktops: [fakeDesktop("dsk_1", "One", { owner: "usr_lin", may: { see: false, prompt: false, answer: false, change: false, revoke: true } })] });
    const [row] = await screen.findAllByTestId("desktop");
    expect(within(row as HTMLElement).getAllByRole("link")[0]?.getAttribute("href")).toBe("#/desktops/dsk_1/details");
  });

  test("where there is none lead to pairing, whoever may", async () => {
    const { user } = await openPage({ desktops: [] });
    expect((await screen.findByTestId("no-desktops")).textContent).toContain("Settings → Pairing");
    await user.click(screen.getByTestId("add-desktop"));
    expect(await screen.findByTestId("pair-link")).toBeTruthy();
  });

  test("where there is none say to a viewer what will be here", async () => {
    await openPage({ desktops: [], role: "viewer" });
    expect((await screen.findByTestId("no-desktops")).textContent).toContain("As soon as somebody shares");
    expect(screen.queryByTestId("add-desktop")).toBeNull();
  });

  test("stay when they cannot be read anew, which is said", async () => {
    const { server, account, user } = await openPage();
    await screen.findAllByTestId("desktop");
    server.fail("GET /api/desktops", { status: 503, body: { code: "busy", message: "" } });
    await account.listDesktops();
    expect(screen.getByTestId("read-failed").textContent).toContain("The server is busy");
    expect(screen.getAllByTestId("desktop")).toHaveLength(2);
    server.fail("GET /api/desktops", null);
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(screen.queryByTestId("read-failed")).toBeNull());
  });
});

describe("adding a desktop", () => {
  test("is filled in by its link, shown before it is sent, and takes the secret out of the address", async () => {
    const { user, server } = await openPage({ hash: `#pair=${code()}` });
    await waitFor(() => expect(field("label").value).toBe("Laptop"));
    expect(location.href).not.toContain("pair=");
    expect(field("token").type).toBe("password");
    expect(screen.getByText(/send prompts, begin threads/)).toBeTruthy();
    expect(server.requests("POST", "/api/organizations/org_1/desktops")).toEqual([]);
    await user.click(screen.getByTestId("add"));
    expect(await screen.findByText("Laptop is added. It connects by itself.")).toBeTruthy();
    expect(server.requests("POST", "/api/organizations/org_1/desktops")[0]?.body).toEqual({ pairingId: "prg_new", deviceId: "dev_new", token: "ocp_new", label: "Laptop", visibility: "owner" });
    await waitFor(() => expect(screen.getAllByTestId("desktop")).toHaveLength(3));
  });

  test("waits for whoever is not signed in yet", async () => {
    const { user } = await openPage({ signedIn: false, hash: `#pair=${code()}` });
    await user.type(field("email"), "ada@example.org");
    await user.type(field("password"), `${password}{Enter}`);
    await waitFor(() => expect(field("pairing-id").value).toBe("prg_new"));
  });

  test("takes what is pasted", async () => {
    const { user } = await openPage({ hash: "#/add" });
    await user.click(await screen.findByTestId("pair-link"));
    await user.paste(`https://cowork.example.org/pair#pair=${code()}`);
    expect(field("device-id").value).toBe("dev_new");
  });

  test("says that something else was pasted", async () => {
    const { user } = await openPage({ hash: "#/add" });
    await user.type(await screen.findByTestId("pair-link"), "hello");
    await user.click(screen.getByTestId("add"));
    expect(screen.getByRole("alert").textContent).toBe("This is no link or code of a pairing.");
  });

  test("works field by field, and says what the server says", async () => {
    const { user, server } = await openPage({ hash: "#/add" });
    await user.click(await screen.findByTestId("by-hand"));
    await user.click(screen.getByTestId("add"));
    expect(screen.getAllByRole("alert")).toHaveLength(4);
    for (const [name, value] of [["label", "Laptop"], ["pairing-id", "dsk_1"], ["device-id", "dev"], ["token", "ocp"]] as const) await user.type(field(name), value);
    await user.selectOptions(field("visibility"), "organization");
    await user.click(screen.getByTestId("add"));
    expect((await screen.findByTestId("failure-words")).textContent).toContain("This pairing is known already.");
    expect(server.requests("POST", "/api/organizations/org_1/desktops")[0]?.body).toMatchObject({ visibility: "organization" });
  });
});

describe("the details of a desktop", () => {
  test("are changed and saved", async () => {
    const { user, server } = await openPage({ hash: "#/desktops/dsk_1/details" });
    await waitFor(() => expect(title()).toBe("Ada’s workstation"));
    await user.clear(field("label"));
    await user.type(field("label"), "Workbench");
    await user.selectOptions(field("visibility"), "organization");
    await user.click(screen.getByTestId("save"));
    expect(await screen.findByText("Saved")).toBeTruthy();
    expect(server.requests("PATCH", "/api/organizations/org_1/desktops/dsk_1")[0]?.body).toEqual({ label: "Workbench", visibility: "organization" });
    expect(title()).toBe("Workbench");
  });

  test("follow what somebody else changed meanwhile, so that saving does not take it back", async () => {
    const { account } = await openPage({ hash: "#/desktops/dsk_1/details" });
    await waitFor(() => expect(title()).toBe("Ada’s workstation"));
    await account.http.patch("/api/organizations/org_1/desktops/dsk_1", { label: "Ada’s desk", visibility: "organization" });
    await account.listDesktops();
    await waitFor(() => expect(field("label").value).toBe("Ada’s desk"));
    expect(field("visibility").value).toBe("organization");
    expect((screen.getByTestId("save") as HTMLButtonElement).disabled).toBe(true);
  });

  test("take a new token of this pairing and of no other", async () => {
    const { user, server } = await openPage({ hash: "#/desktops/dsk_1/details" });
    await user.type(await screen.findByTestId("rotate-link"), code());
    await user.click(screen.getByTestId("rotate"));
    expect(screen.getByRole("alert").textContent).toBe("This code is of another pairing.");
    await user.clear(field("rotate-link"));
    await user.type(field("rotate-link"), code({ pairingId: "dsk_1", token: "ocp_next" }));
    await user.click(screen.getByTestId("rotate"));
    expect(await screen.findByText("The new token holds from now on.")).toBeTruthy();
    expect(server.requests("POST", "/api/organizations/org_1/desktops/dsk_1/token")[0]?.body).toEqual({ token: "ocp_next" });
    expect(field("rotate-link").value).toBe("");
  });

  test("end the pairing once that was confirmed", async () => {
    const { user, server } = await openPage({ hash: "#/desktops/dsk_1/details" });
    await user.click(await screen.findByTestId("revoke"));
    expect(document.activeElement?.textContent).toBe("Cancel");
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(server.requests("DELETE", "/api/organizations/org_1/desktops/dsk_1")).toEqual([]);
    await user.click(screen.getByTestId("revoke"));
    await user.click(screen.getByTestId("revoke-sure"));
    expect(await screen.findByText("The pairing with Ada’s workstation has ended.")).toBeTruthy();
    await waitFor(() => expect(screen.getAllByTestId("desktop")[0]?.dataset["status"]).toBe("revoked"));
  });

  test("keep the question open where it failed", async () => {
    const { user, server } = await openPage({ hash: "#/desktops/dsk_1/details" });
    server.fail("DELETE /api/organizations/org_1/desktops/dsk_1", { status: 503, body: { code: "busy", message: "" } });
    await user.click(await screen.findByTestId("revoke"));
    await user.click(screen.getByTestId("revoke-sure"));
    expect((await screen.findByRole("alert")).textContent).toContain("The server is busy");
    expect(screen.getByRole("dialog")).toBeTruthy();
  });

  test("of somebody else's say what may be done alone", async () => {
    await openPage({ hash: "#/desktops/dsk_2/details", role: "member", desktops: [fakeDesktop("dsk_2", "Theirs", { owner: "usr_lin", ownerName: "Lin Okafor", may: { see: true, prompt: false, answer: false, change: false, revoke: false } })] });
    await waitFor(() => expect(title()).toBe("Theirs"));
    for (const gone of ["save", "rotate", "revoke"]) expect(screen.queryByTestId(gone)).toBeNull();
  });

  test("of none say so", async () => {
    await openPage({ hash: "#/desktops/dsk_9/details" });
    expect(await screen.findByText("This desktop is not there, or not for you.")).toBeTruthy();
  });
});

describe("people", () => {
  test("have roles, which an owner changes", async () => {
    const { user, server } = await openPage({ hash: "#/people" });
    const [, lin] = await screen.findAllByTestId("member");
    await user.selectOptions(within(lin as HTMLElement).getByTestId("role"), "admin");
    expect(server.requests("PATCH", "/api/organizations/org_1/members/usr_lin")[0]?.body).toEqual({ role: "admin" });
  });

  test("keep the role they have where the server refuses another", async () => {
    const { user } = await openPage({ hash: "#/people" });
    const [ada] = await screen.findAllByTestId("member");
    const role = within(ada as HTMLElement).getByTestId<HTMLSelectElement>("role");
    await user.selectOptions(role, "viewer");
    expect((await screen.findByTestId("failure-words")).textContent).toContain("An organization keeps an owner.");
    await waitFor(() => expect(role.value).toBe("owner"));
  });

  test("are removed once that was confirmed", async () => {
    const { user, server } = await openPage({ hash: "#/people" });
    const [, lin] = await screen.findAllByTestId("member");
    await user.click(within(lin as HTMLElement).getByTestId("remove-member"));
    await user.click(screen.getByTestId("remove-sure"));
    await waitFor(() => expect(screen.getAllByTestId("member")).toHaveLength(2));
    expect(server.world.members.map(({ user: id }) => id)).toEqual(["usr_ada", "usr_sam"]);
  });

  test("are invited by a link that is shown once, and withdrawn", async () => {
    const { user } = await openPage({ hash: "#/people" });
    await user.type(await screen.findByTestId("invite-email"), "new@example.org");
    await user.selectOptions(field("invite-role"), "viewer");
    await user.click(screen.getByTestId("invite"));
    const box = await screen.findByTestId("invitation-link");
    expect(within(box).getByRole<HTMLInputElement>("textbox").value).toMatch(/\/invitation#code=oci_/);
    await waitFor(() => expect(screen.getAllByTestId("invitation")).toHaveLength(2));
    await user.click(within(screen.getAllByTestId("invitation")[1] as HTMLElement).getByTestId("withdraw"));
    await waitFor(() => expect(screen.getAllByTestId("invitation")).toHaveLength(1));
    expect(screen.queryByTestId("invitation-link")).toBeNull();
  });

  test("are looked at by a member, who goes alone", async () => {
    await openPage({ hash: "#/people", role: "member" });
    const rows = await screen.findAllByTestId("member");
    expect(screen.queryAllByTestId("role")).toEqual([]);
    expect(screen.queryByTestId("invite")).toBeNull();
    expect(rows.filter((row) => within(row).queryByTestId("remove-member")).map((row) => row.dataset["user"])).toEqual(["usr_ada"]);
  });

  test("say when they cannot be read, and are read again", async () => {
    const { user, server, account } = await openPage();
    server.fail("GET /api/organizations/org_1/members", { status: 500, body: { code: "internal", message: "The server failed." } });
    account.go({ at: "people" });
    expect((await screen.findByTestId("read-failed")).textContent).toContain("The server failed.");
    server.fail("GET /api/organizations/org_1/members", null);
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findAllByTestId("member")).toHaveLength(3);
  });

  test("of several organizations are chosen", async () => {
    const { user, server } = await openPage({ hash: "#/people", organizations: [{ id: "org_1", name: "Atlas", role: "owner" }, { id: "org_2", name: "Borealis", role: "member" }] });
    await user.selectOptions(await screen.findByTestId("organization"), "org_2");
    await waitFor(() => expect(server.requests("GET", "/api/organizations/org_2/members")).toHaveLength(1));
    expect(screen.queryByTestId("invite")).toBeNull();
  });
});

describe("tokens", () => {
  test("are made, shown once, copied and revoked", async () => {
    const { user, server } = await openPage({ hash: "#/tokens" });
    await user.type(await screen.findByTestId("token-label"), "Deploys");
    await user.click(screen.getByTestId("scope-prompt"));
    await user.selectOptions(field("token-life"), "7");
    await user.click(screen.getByTestId("make-token"));
    const box = await screen.findByTestId("new-token");
    expect(server.requests("POST", "/api/organizations/org_1/tokens")[0]?.body).toEqual({ label: "Deploys", scopes: ["read", "prompt"], days: 7 });
    await user.click(within(box).getByRole("button", { name: "Copy" }));
    expect(await within(box).findByText("Copied")).toBeTruthy();
    await expect(navigator.clipboard.readText()).resolves.toBe("oct_0123456789abcdef0123456789abcdef");
    await user.click(screen.getByRole("button", { name: "Revoke the token “Deploys”" }));
    await waitFor(() => expect(screen.queryByTestId("new-token")).toBeNull());
  });

  test("need a scope", async () => {
    const { user } = await openPage({ hash: "#/tokens" });
    await user.click(await screen.findByTestId("scope-read"));
    expect(screen.getByTestId<HTMLButtonElement>("make-token").disabled).toBe(true);
  });

  test("for managing are not offered to who does not manage", async () => {
    await openPage({ hash: "#/tokens", role: "member" });
    await screen.findByTestId("scope-read");
    expect(screen.queryByTestId("scope-admin")).toBeNull();
  });
});

describe("the account", () => {
  test("shows where one is signed in, and ends a sign-in", async () => {
    const { user, server } = await openPage({ hash: "#/account" });
    const rows = await screen.findAllByTestId("session");
    expect(rows.map((row) => row.textContent)).toEqual([expect.stringContaining("Firefox on Linux (this browser)"), expect.stringContaining("Unknown browser")]);
    await user.click(within(rows[1] as HTMLElement).getByTestId("end-session"));
    await waitFor(() => expect(screen.getAllByTestId("session")).toHaveLength(1));
    expect(server.world.sessions.map(({ id }) => id)).toEqual(["ses_1"]);
    await user.click(screen.getByTestId("end-session"));
    expect(await screen.findByTestId("sign-in")).toBeTruthy();
  });

  test("changes the password for whoever knows the one before", async () => {
    const { user } = await openPage({ hash: "#/account" });
    await user.type(await screen.findByTestId("old-password"), "wrong");
    await user.type(field("new-password"), "another long one");
    await user.click(screen.getByTestId("change-password"));
    expect((await screen.findByTestId("failure-words")).textContent).toBe("The current password is wrong.");
    await user.clear(field("old-password"));
    await user.type(field("old-password"), password);
    await user.click(screen.getByTestId("change-password"));
    expect(await screen.findByText(/The password is changed/)).toBeTruthy();
  });

  test("sets how the page looks and speaks, in this browser", async () => {
    const { user } = await openPage({ hash: "#/account" });
    await user.selectOptions(await screen.findByTestId("theme"), "light");
    expect(document.documentElement.dataset["theme"]).toBe("light");
    await user.selectOptions(field("language"), "de");
    expect(await screen.findByRole("heading", { name: "Konto" })).toBeTruthy();
    await user.selectOptions(field("language"), "en");
    expect(await screen.findByRole("heading", { name: "Account" })).toBeTruthy();
    expect(JSON.parse(localStorage.getItem("cloud-look") ?? "{}")).toMatchObject({ theme: "light", language: "en" });
  });
});

describe("the audit", () => {
  test("stands there, the newest first, with older ones below", async () => {
    const { user } = await openPage({ hash: "#/audit" });
    const rows = await screen.findAllByTestId("audit-row");
    expect(rows[0]?.textContent).toMatch(/pairing\.enrolled dsk_1.*Ada Lindqvist.*label: Ada’s workstation/);
    expect(rows[2]?.textContent).toContain("The server");
    await user.click(screen.getByTestId("older"));
    await waitFor(() => expect(screen.getAllByTestId("audit-row")).toHaveLength(4));
    expect(screen.queryByTestId("older")).toBeNull();
  });

  test("is not for a member", async () => {
    await openPage({ hash: "#/audit", role: "member" });
    expect(await screen.findAllByTestId("desktop")).toHaveLength(2);
    expect(screen.queryByRole("link", { name: "Audit" })).toBeNull();
  });
});

describe("going about", () => {
  test.each([
    ["owner", ["Desktops", "People", "API tokens", "Audit", "Account"]],
    ["member", ["Desktops", "People", "API tokens", "Account"]],
    ["viewer", ["Desktops", "API tokens", "Account"]],
  ] as const)("a %s has the pages that are theirs", async (role, names) => {
    await openPage({ role });
    await screen.findAllByTestId("desktop");
    expect(within(screen.getByRole("navigation")).getAllByRole("link").map((link) => link.textContent)).toEqual(names);
  });

  test("says where one is, in the title too, and puts the focus there", async () => {
    const { account } = await openPage();
    await screen.findAllByTestId("desktop");
    account.go({ at: "people" });
    await waitFor(() => expect(document.title).toBe("People · Atlas Desk"));
    expect(screen.getByRole("link", { current: "page" }).textContent).toBe("People");
    await settle();
    expect(document.activeElement?.textContent).toBe("People");
  });

  test("on a phone is a menu", async () => {
    media.set(narrowFrame, true);
    const { user } = await openPage();
    await user.click(await screen.findByTestId("cloud-menu"));
    expect(screen.getAllByRole("menuitemradio").map((item) => item.textContent)).toEqual(["Desktops", "People", "API tokens", "Audit", "Account"]);
    await user.click(screen.getByRole("menuitemradio", { name: "Account" }));
    await waitFor(() => expect(title()).toBe("Account"));
  });

  test("skips to the content by the keyboard", async () => {
    const { user } = await openPage();
    await screen.findAllByTestId("desktop");
    await user.click(screen.getByRole("button", { name: "Skip to content" }));
    expect(document.activeElement).toBe(screen.getByRole("main"));
  });
});
