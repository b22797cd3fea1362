import { fileURLToPath } from "node:url";
import solid from "vite-plugin-solid";
import { defineConfig, type Plugin } from "vitest/config";

/** Where the page of an org's server hands over markup. Each place is there, or the build fails: it would be an empty page. */
const sinks = [
  { file: /\/solid-js\/web\/dist\/(?:web|dev)\.js$/, from: "t.innerHTML = html;", to: "t.innerHTML = trusted(html);" },
  { file: /\/src\/design\/SafeHtml\.tsx$/, from: "element.innerHTML = props.html;", to: "element.innerHTML = trusted(props.html);" },
];

/** What differs in the page of an org's server: its policy of trusted types, its name, and no list of the app's licences. */
function cloudPage(): Plugin {
  const trusted = fileURLToPath(new URL("src/cloud/trusted.ts", import.meta.url));
  return {
    name: "cloud-page",
    enforce: "pre",
    load: (id) => (/\/generated\/licences\.json(?:\?|$)/.test(id) ? "export default \"\"" : undefined),
    transform(code, id) {
      const sink = sinks.find(({ file }) => file.test(id.split("?")[0] ?? ""));
      if (!sink) return undefined;
      if (code.split(sink.from).length !== 2) this.error(`${id} hands markup over in another way than is known here`);
      return { code: `import { trusted } from ${JSON.stringify(trusted)};\n${code.replace(sink.from, sink.to)}`, map: null };
    },
  };
}

/** The page is the one that stands at the root. It is written last, so its name is too. */
const atTheRoot: Plugin = {
  name: "cloud-page-name",
  enforce: "post",
  generateBundle(_options, bundle) {
    const page = bundle["cloud.html"];
    if (!page) this.error("the page was not built");
    page.fileName = "index.html";
  },
};

// `--mode cloud` builds the page of an org's server, which is served at the root of its address.
export default defineConfig(({ mode }) => ({
  plugins: [solid(), ...(mode === "cloud" ? [cloudPage(), atTheRoot] : [])],
  clearScreen: false,
  server: { port: 1420, strictPort: true },
  build: {
    // The oldest webview the app runs in.
    target: "safari16.2",
    ...(mode === "cloud" ? { outDir: "dist-cloud", rolldownOptions: { input: "cloud.html" } } : {}),
    // The content security policy allows no data: script or style, so nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
}));
