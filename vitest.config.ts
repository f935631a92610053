import { availableParallelism } from "node:os";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    // Real brokers and Java need more than vitest's five seconds on a loaded machine; nothing here waits for time to pass.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // One file at a time per core: the real-broker tests start processes of their own.
    pool: "forks",
    // Vitest would leave one core to itself, which is half of a small machine's.
    maxWorkers: availableParallelism(),
  },
});

export default config;
