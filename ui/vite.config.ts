import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";

// `--mode cloud` builds the page of an org's server, which is served at the root of its address.
export default defineConfig(({ mode }) => ({
  plugins: [solid()],
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
