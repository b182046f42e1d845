import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The program with everything inside, on a port and in a folder of its own. */
export class Server {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<Server> {
    const binary = process.env.DIGITALPATH ?? join(import.meta.dirname, "../../../../bin/digitalpath");
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), "digitalpath-"));
    const child = spawn(binary, ["serve"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
      env: {
        PATH: process.env.PATH, DJANGO_DEBUG: "1", LOG_LEVEL: "error", PORT: String(port), FRONTEND_URL: "http://localhost:3000",
        RATE_LIMIT_CONTACT: "off", RATE_LIMIT_SIGNUP: "off", RATE_LIMIT_LOGIN_FAILED: "off", ...env,
      },
    });
    const server = new Server(`http://127.0.0.1:${port}`, child, folder);
    await eventually(async () => (await fetch(`${server.url}/healthz`)).ok);
    return server;
  }

  /** Signs somebody up and follows the link of the mail. */
  async signUp(username: string, password: string): Promise<void> {
    const email = `${username}@example.com`;
    await this.post("/api/auth/signup", { username, email, password });
    const link = await eventually(async () => {
      const mails = (await (await fetch(`${this.url}/dev/mailbox/api?to=${email}`)).json()) as { links: string[] }[];
      return mails[0]?.links.find((link) => link.includes("/verify-email?"));
    });
    await this.post("/api/auth/verify-email", { key: new URL(link).searchParams.get("key") });
  }

  async post(path: string, body: object): Promise<void> {
    const response = await fetch(this.url + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGTERM");
    await ended;
    rmSync(this.folder, { recursive: true });
  }
}

/** Asks until the answer is something. */
export async function eventually<T>(ask: () => Promise<T | undefined | false>): Promise<T> {
  const until = Date.now() + 20_000;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer) return answer;
    if (Date.now() > until) throw new Error("it does not come");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const listener = createServer().once("error", reject).listen(0, "127.0.0.1", () => {
      const address = listener.address();
      listener.close(() => (address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}
