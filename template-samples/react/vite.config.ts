import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run preview` holds the build to the policy that it is to be served with; a stage names its own addresses.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; " +
  "form-action 'none'; frame-src http: https:; connect-src 'self' http: https: ws: wss:";

export default defineConfig({
  // Relative addresses: one build serves every stage and every folder.
  base: "./",
  plugins: [react()],
  build: { target: "es2022", chunkSizeWarningLimit: 600 },
  preview: { headers: { "content-security-policy": policy } },
  test: { environment: "jsdom", setupFiles: "src/test/setup.ts", restoreMocks: true, testTimeout: 30_000 },
});
