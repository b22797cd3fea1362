import { screen, waitFor, within } from "@solidjs/testing-library";
import { afterEach, describe, expect, test } from "vitest";
import { openPage } from "../test/cloud/page";
import { fakeDesktop, fakeThen, invitationCode, online, ownerCode, password } from "../test/cloud/server";
import { settle } from "../test/cloud/settle";
import { media } from "../test/setup";
import { narrowFrame } from "./Frame";
import { keepDraft, keptDraft } from "./kept";

const field = (name: string) => screen.getByTestId<HTMLInputElement>(name);
const code = (change: object = {}) => btoa(JSON.stringify({ pairingId: "prg_new", deviceId: "dev_new", token: "ocp_new", label: "Laptop", ...change }));
const title = () => screen.getByRole("heading", { level: 1 }).textContent;

afterEach(() => {
  location.hash = "";
});

describe("signing in", () => {
  test("leads to the desktops", async () => {
    const { user, server } = await openPage({ signedIn: false });
    expect(title()).toBe("Sign in");
    await user.type(field("email"), " ada@example.org ");
    await user.type(field("password"), password);
    await user.click(screen.getByTestId("sign-in"));
    await waitFor(() => expect(screen.getAllByTestId("desktop")).toHaveLength(2));
    expect(server.requests("POST", "/api/sign-in")[0]?.body).toEqual({ email: "ada@example.org", password });
  });

  test("says what is missing before anything is sent, at the first field", async () => {
    const { user, server } = await openPage({ signedIn: false });
    await user.type(field("email"), "ada");
    await user.click(screen.getByTestId("sign-in"));
    expect(screen.getAllByRole("alert").map((alert) => alert.textContent)).toEqual(["This is no email address.", "This is needed."]);
    expect(document.activeElement).toBe(field("email"));
    expect(field("email").getAttribute("aria-invalid")).toBe("true");
    expect(server.requests("POST", "/api/sign-in")).toEqual([]);
  });

  test("says that both do not fit, and keeps what was written", async () => {
    const { user } = await openPage({ signedIn: false });
    await user.type(field("email"), "ada@example.org");
    await user.type(field("password"), "guess{Enter}");
    expect((await screen.findByTestId("failure-words")).textContent).toBe("Email and password do not fit.");
    expect(field("email").value).toBe("ada@example.org");
  });

  test("says how long to wait after too many tries", async () => {
    const { user, server } = await openPage({ signedIn: false });
    server.fail("POST /api/sign-in", { status: 429, body: { code: "tooMany", message: "" }, headers: { "retry-after": "30" } });
    await user.type(field("email"), "ada@example.org");
    await user.type(field("password"), "guess{Enter}");
    expect((await screen.findByTestId("failure-words")).textContent).toContain("30 seconds");
  });

  test("shows the password to whoever wants to see it", async () => {
    const { user } = await openPage({ signedIn: false });
    expect(field("password").type).toBe("password");
    await user.click(screen.getByRole("button", { name: "Show the password" }));
    expect(field("password").type).toBe("text");
  });

  test("is not offered where nobody owns the server", async () => {
    await openPage({ signedIn: false, setUp: false });
    expect(screen.getByTestId("not-set-up").textContent).toContain("owner link");
    expect(screen.queryByTestId("sign-in")).toBeNull();
  });

  test("is ended by signing out, with what was written", async () => {
    const { user, server } = await openPage();
    keepDraft("dsk_1", "demo", "half a thought");
    await user.click(await screen.findByTestId("sign-out"));
    await screen.findByTestId("sign-in");
    expect(server.world.session).toBe(0);
    expect(keptDraft("dsk_1", "demo")).toBe("");
    expect(screen.queryByTestId("ran-out")).toBeNull();
  });

  test("is not ended while the server cannot be told", async () => {
    const { user, server } = await openPage();
    server.setReachable(false);
    await user.click(await screen.findByTestId("sign-out"));
    expect((await screen.findByText(/The server does not answer/)).getAttribute("role")).toBe("alert");
    expect(screen.queryByTestId("sign-in")).toBeNull();
  });
});

describe("a server that does not answer", () => {
  test("is said, and tried again", async () => {
    const { user, server } = await openPage();
    server.setReachable(false);
    const { account } = await openPage({ server });
    expect(account.state.phase).toBe("failed");
    server.setReachable(true);
    await user.click(screen.getAllByRole("button", { name: "Try again" }).at(-1) as HTMLElement);
    await waitFor(() => expect(account.state.phase).toBe("in"));
  });
});

describe("the welcome", () => {
  test("makes the owner by the link, and takes its secret out of the address", async () => {
    const { user, server } = await openPage({ signedIn: false, setUp: false, hash: `#owner=${ownerCode}` });
    expect(location.href).not.toContain(ownerCode);
    expect(title()).toBe("Welcome");
    await user.type(field("name"), "Ada");
    await user.type(field("email"), "ada@example.org");
    await user.type(field("password"), "short");
    await user.type(field("organization-name"), "Atlas");
    await user.click(screen.getByTestId("begin"));
    expect(screen.getByRole("alert").textContent).toBe("At least 10 characters are needed.");
    await user.type(field("password"), " is not enough");
    await user.click(screen.getByTestId("begin"));
    await screen.findByTestId("no-desktops");
    expect(server.requests("POST", "/api/welcome")[0]?.body).toEqual({ code: ownerCode, name: "Ada", email: "ada@example.org", password: "short is not enough", organization: "Atlas" });
  });

  test("says that a link was used", async () => {
    const { user } = await openPage({ signedIn: false, hash: "#owner=oco_used" });
    for (const name of ["name", "organization-name"]) await user.type(field(name), "Ada");
    await user.type(field("email"), "ada@example.org");
    await user.type(field("password"), password);
    await user.click(screen.getByTestId("begin"));
    expect((await screen.findByTestId("failure-words")).textContent).toBe("This link was used or has run out. Ask for a new one.");
  });
});

describe("an invitation", () => {
  test("is accepted by somebody new", async () => {
    const { user, server } = await openPage({ signedIn: false, hash: `#code=${invitationCode}` });
    expect(location.href).not.toContain(invitationCode);
    expect(await screen.findByText(/To Borealis, as Member/)).toBeTruthy();
    await user.type(field("name"), "Ada");
    await user.type(field("password"), password);
    await user.click(screen.getByTestId("accept"));
    await waitFor(() => expect(screen.getAllByTestId("desktop")).toHaveLength(2));
    expect(server.requests("POST", "/api/invitations/accept")[0]?.body).toEqual({ code: invitationCode, name: "Ada", password });
  });

  test("is accepted by somebody with an account", async () => {
    const { user, account } = await openPage({ signedIn: false, hash: `#code=${invitationCode}` });
    await user.click(await screen.findByRole("radio", { name: "I have an account" }));
    await user.type(field("email"), "ada@example.org");
    await user.type(field("password"), password);
    await user.click(screen.getByTestId("sign-in"));
    await waitFor(() => expect(account.organizations().map(({ name }) => name)).toEqual(["Atlas Works", "Borealis"]));
  });

  test("is accepted with one press by who is signed in, or left", async () => {
    const { user, account } = await openPage({ hash: `#code=${invitationCode}` });
    expect(await screen.findByText(/You are signed in as Ada/)).toBeTruthy();
    await user.click(screen.getByTestId("accept"));
    await waitFor(() => expect(account.organizations()).toHaveLength(2));
    expect(title()).toBe("Desktops");
  });

  test("that is dead says so, and lets one go on", async () => {
    const { user } = await openPage({ hash: "#code=oci_dead" });
    expect((await screen.findByTestId("read-failed")).textContent).toContain("This link was used or has run out.");
    await user.click(screen.getByTestId("not-now"));
    expect(title()).toBe("Desktops");
  });
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
