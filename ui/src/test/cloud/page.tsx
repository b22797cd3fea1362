import { configure, render } from "@solidjs/testing-library";
import userEvent from "@testing-library/user-event";
import { vi } from "vitest";
import { createAccount } from "../../cloud/account";
import { CloudApp, preloadScreens } from "../../cloud/CloudApp";
import { createHttp } from "../../cloud/http";
import "../window";
import { netOf } from "./net";
import { createServer, type FakeServer, type ServerOptions } from "./server";

await preloadScreens();
// Whole pages take a while on a busy machine.
vi.setConfig({ testTimeout: 60_000 });
configure({ asyncUtilTimeout: 10_000 });

/** The whole page on a fake server, and someone to use it. */
export async function openPage(options: ServerOptions & { hash?: string; server?: FakeServer } = {}) {
  const server = options.server ?? createServer(options);
  location.hash = options.hash ?? "";
  const account = createAccount(createHttp(netOf(server)));
  const view = render(() => <CloudApp account={account} />);
  await account.begin();
  return { server, account, user: userEvent.setup(), ...view };
}
