import path from "node:path";
import type { NextConfig } from "next";

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  // The client is linked from the repository; installed from a registry it needs no root.
  turbopack: { root: path.join(import.meta.dirname, "../..") },
};

export default config;
