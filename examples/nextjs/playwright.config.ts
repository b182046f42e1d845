import { defineConfig } from "@playwright/test";

const origin = process.env.ORIGIN ?? "http://localhost:3000";
const mode = process.env.MODE ?? "dev";

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 45_000 }, // in development a page is made when it is first asked for
  reporter: "line",
  use: {
    baseURL: origin,
    ignoreHTTPSErrors: true, // of the providers, which are fakes
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      // What e2e/spa.test.ts serves comes from nowhere, and might not ask this machine.
      args: ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks"],
      ...(process.env.PROXY_URL ? { proxy: { server: process.env.PROXY_URL, bypass: "localhost,127.0.0.1" } } : {}),
    },
  },
  webServer: {
    command: `npx next ${mode} --hostname localhost --port ${new URL(origin).port}`,
    url: origin,
    timeout: 120_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 5_000 },
  },
});
