import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Relative addresses: one build serves every stage and every folder.
  base: "./",
  plugins: [react()],
  build: { target: "es2022", chunkSizeWarningLimit: 600 },
  test: { environment: "jsdom", setupFiles: "src/test/setup.ts", restoreMocks: true },
});
