import { screen, waitFor } from "@solidjs/testing-library";
import { afterEach, describe, expect, test } from "vitest";
import { openPage } from "../test/cloud/page";
import { invitationCode, ownerCode, password } from "../test/cloud/server";
import { keepDraft, keptDraft } from "./kept";

const field = (name: string) => screen.getByTestId<HTMLInputElement>(name);
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
