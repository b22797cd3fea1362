import type { Net } from "../../cloud/http";
import type { FakeServer } from "./server";

/** A stream of a fake server, as a browser has one. */
class FakeEvents extends EventTarget {
  private over: (() => void) | undefined;
  private closed = false;
  constructor(server: FakeServer, path: string) {
    super();
    queueMicrotask(() => {
      if (this.closed) return;
      const opened = server.listen(
        path,
        // As it comes over a network: written and read again.
        (event, data) => !this.closed && this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) })),
        () => this.fail(),
      );
      if (typeof opened === "number") this.fail();
      else this.over = opened;
    });
  }
  private fail(): void {
    this.over?.();
    this.over = undefined;
    if (!this.closed) this.dispatchEvent(new Event("error"));
  }
  close(): void {
    this.closed = true;
    this.over?.();
    this.over = undefined;
  }
}

/** A browser's way to a fake server. */
export const netOf = (server: FakeServer): Net => ({
  async fetch(path, init) {
    const headers = Object.fromEntries(new Headers(init.headers));
    const aborted = new Promise<never>((_, failed) => init.signal?.addEventListener("abort", () => failed(new TypeError("aborted"))));
    const { status, body, headers: more = {} } = await Promise.race([aborted, server.handle({ method: init.method ?? "GET", path, headers, body: typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : undefined })]);
    return new Response(body === undefined || status === 204 ? null : JSON.stringify(body), { status, headers: more });
  },
  events: (path) => new FakeEvents(server, path) as unknown as EventSource,
});
