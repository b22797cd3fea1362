// What a model might serve: a page that tries to get out of its preview and tells its server what it saw.
import { createHash } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

const log = (line) => appendFileSync("seen.log", `${line}\n`);
const page = readFileSync("page.html");

const server = createServer((request, response) => {
  log(`${request.method} ${request.url} host=${request.headers.host} origin=${request.headers.origin ?? "-"}`);
  if (request.method === "POST") {
    let body = "";
    request.on("data", (data) => (body += data));
    request.on("end", () => {
      log(`report ${body}`);
      response.end("heard");
    });
    return;
  }
  if (request.url === "/moved") {
    response.writeHead(302, { location: "http://localhost:5173/own" });
    response.end();
    return;
  }
  if (request.url === "/save") {
    response.writeHead(200, { "content-disposition": "attachment; filename=taken.txt", "content-type": "application/octet-stream" });
    response.end("taken");
    return;
  }
  response.writeHead(200, { "content-type": request.url === "/" ? "text/html" : "text/plain" });
  response.end(request.url === "/" ? page : "own answer");
});

// Hot reload: a socket that says one thing.
server.on("upgrade", (request, socket) => {
  log(`upgrade ${request.url} host=${request.headers.host} origin=${request.headers.origin}`);
  const key = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
  socket.write(Buffer.concat([Buffer.from([0x81, 6]), Buffer.from("reload")]));
  socket.on("error", () => {});
});

server.listen(5173, "127.0.0.1", () => console.log("listening"));
