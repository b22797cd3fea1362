/** Writes a text to the clipboard that is yet to come: the webview lets a press write only what it was promised with it. */
export async function writeLater(text: Promise<string>): Promise<void> {
  if (typeof ClipboardItem !== "undefined") {
    const blob = text.then((written) => new Blob([written], { type: "text/plain" }));
    // Whoever writes may give up before it is there.
    blob.catch(() => undefined);
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    return;
  }
  await navigator.clipboard.writeText(await text);
}

/** Writes a text that is there, or that is yet to come. */
export function writeText(text: string | Promise<string>): Promise<void> {
  return typeof text === "string" ? navigator.clipboard.writeText(text) : writeLater(text);
}
