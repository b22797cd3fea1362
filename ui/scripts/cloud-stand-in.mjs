// Serves the built page of an org's server over a server that is none: the fake of the tests, with the headers of the
// real one. For looking at the page, and for what drives it in a browser. `node scripts/cloud-stand-in.mjs [port]`.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { createServer as createVite } from "vite";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist-cloud");
const places = new Set(["/", "/welcome", "/invitation", "/pair", "/sign-in"]);
const kinds = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".woff2": "font/woff2", ".json": "application/json" };
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types safe-html";

/** Begins to serve; says where, and what can be played with. */
export async function standIn({ port = 0, ...options } = {}) {
  // The fake is written for the tests, which their builder reads.
  const vite = await createVite({ root, server: { middlewareMode: true, hmr: false, ws: false, watch: null }, appType: "custom", logLevel: "error", optimizeDeps: { noDiscovery: true } });
  const { createServer } = await vite.ssrLoadModule("/src/test/cloud/server.ts");
  const { conversations } = await vite.ssrLoadModule("/src/conversation/fixtures.ts");
  const begin = (more = {}) => createServer({ core: { conversations: structuredClone(conversations) }, ...options, ...more });
  const state = { server: begin() };
  const http = createHttpServer((request, response) => {
    const { server } = state;
    const path = request.url ?? "/";
    response.setHeader("content-security-policy", policy);
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("referrer-policy", "no-referrer");
    if (!path.startsWith("/api/")) {
      const name = places.has(path.split("?")[0]) ? "index.html" : normalize(path).replace(/^[/\\]+/, "");
      const file = join(dist, name);
      if (!file.startsWith(dist) || !existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
      response.writeHead(200, { "content-type": kinds[extname(file)] ?? "application/octet-stream", "cache-control": "no-store" });
      return createReadStream(file).pipe(response);
    }
    if (path.endsWith("/updates")) {
      const send = (event, data) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      const opened = server.listen(path, send, () => response.end());
      if (typeof opened === "number") return response.end();
      return request.on("close", opened);
    }
    let body = "";
    request.on("data", (piece) => (body += piece));
    request.on("end", () => {
      server
        .handle({ method: request.method, path, headers: request.headers, body: body === "" ? undefined : JSON.parse(body) })
        .then(({ status, body: answer, headers = {} }) => {
          response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
          response.end(answer === undefined || status === 204 ? undefined : JSON.stringify(answer));
        })
        .catch(() => request.socket.destroy());
    });
  });
  await new Promise((done) => http.listen(port, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${http.address().port}`,
    get server() {
      return state.server;
    },
    /** Begins with another world. */
    anew: (more) => (state.server = begin(more)),
    async end() {
      http.closeAllConnections();
      http.close();
      await vite.close();
    },
  };
}

if (process.argv[1] === import.meta.filename) {
  const { url } = await standIn({ port: Number(process.argv[2] ?? 1421) });
  console.log(`${url} (ada@example.org, correct horse battery)`);
}
