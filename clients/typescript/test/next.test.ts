import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { expiryOf, isApiError, unwrap } from "../src/index.js";
import { createServerClient, forward, httpOnlyStore, renewBefore, type CookieOptions, type Cookies } from "../src/next/index.js";
import { Server } from "./server.js";

const password = "correct horse battery";

/** A browser's cookies, as Next.js shows them. */
class Jar implements Cookies {
  readonly kept = new Map<string, { value: string; options: CookieOptions | undefined }>();

  get = (name: string) => this.kept.get(name);
  set = (name: string, value: string, options?: CookieOptions) => {
    if (options && options.expires.getTime() < Date.now()) this.kept.delete(name);
    else this.kept.set(name, { value, options });
  };
}

let server: Server;
before(async () => {
  server = await Server.start({
    JWT_ACCESS_TOKEN_LIFETIME: "3s", JWT_ROTATE_REFRESH_TOKENS: "1", RATE_LIMIT_CONTACT: "2/h/ip", TRUSTED_PROXIES: "127.0.0.1/32",
  });
  await server.signUp("ann", password);
});
after(() => server.stop());

const clientOf = (jar: Jar, headers = {}, writes = true) =>
  createServerClient({ apiUrl: server.url, cookies: jar, headers: new Headers(headers), writes });

async function loggedIn(): Promise<Jar> {
  const jar = new Jar();
  await clientOf(jar).session.logIn("ann", password);
  return jar;
}

const expired = () => new Promise((resolve) => setTimeout(resolve, 3100));

test("tokens are kept from scripts", async () => {
  const jar = await loggedIn();
  assert.equal(jar.kept.size, 2);
  for (const { options } of jar.kept.values()) assert.deepEqual([options?.httpOnly, options?.sameSite, options?.path], [true, "lax", "/"]);
  await clientOf(jar).session.logOut();
  assert.equal(jar.kept.size, 0);
});

test("a login is renewed before the page, which reads but can't write", async () => {
  const jar = await loggedIn();
  await expired();
  await assert.rejects(unwrap(clientOf(jar, {}, false).GET("/api/me")), (error) => isApiError(error, "token_expired"));

  const [incoming, response] = [new Jar(), new Jar()];
  for (const [name, { value }] of jar.kept) incoming.set(name, value);
  (await renewBefore({ cookies: incoming, headers: new Headers() }, { apiUrl: server.url, margin: 0 }))({ cookies: response });
  assert.equal((await unwrap(clientOf(incoming, {}, false).GET("/api/me"))).username, "ann");
  assert.deepEqual(await httpOnlyStore(response).read(), await httpOnlyStore(incoming).read());
  assert.notDeepEqual(await httpOnlyStore(response).read(), await httpOnlyStore(jar).read());

  const fresh = new Jar();
  (await renewBefore({ cookies: response, headers: new Headers() }, { apiUrl: server.url, margin: 0 }))({ cookies: fresh });
  assert.equal(fresh.kept.size, 0, "what is fresh is left alone");
});

test("a login that is over is forgotten, one that can't be renewed now is kept", async () => {
  const jar = await loggedIn();
  const tokens = (await httpOnlyStore(jar).read())!;
  await expired();
  (await renewBefore({ cookies: jar, headers: new Headers() }, { apiUrl: "http://127.0.0.1:9", margin: 0 }))({ cookies: jar });
  assert.deepEqual(await httpOnlyStore(jar).read(), tokens);
  await server.post("/api/token/blacklist", { refresh: tokens.refresh });
  (await renewBefore({ cookies: jar, headers: new Headers() }, { apiUrl: server.url, margin: 0 }))({ cookies: jar });
  assert.equal(await httpOnlyStore(jar).read(), undefined);
});

test("scripts ask through the server, and see no token", async () => {
  const jar = await loggedIn();
  await expired();
  const ask = (path: string, init?: RequestInit) =>
    forward(new Request(`http://localhost:3000${path}`, init), { apiUrl: server.url, store: httpOnlyStore(jar) });
  const me = await ask("/api/me");
  assert.equal(((await me.json()) as { username: string }).username, "ann");
  assert.ok(expiryOf((await httpOnlyStore(jar).read())!.access) > new Date());
  const known = await ask("/api/me", { headers: { "If-None-Match": me.headers.get("ETag")! } });
  assert.deepEqual([known.status, await known.text()], [304, ""]);

  const json = { method: "POST", headers: { "Content-Type": "application/json" } };
  const created = await ask("/api/projects?x=1", { ...json, body: JSON.stringify({ name: "Claims" }) });
  assert.equal(created.status, 201);
  for (const path of ["/api/token/pair", "/api/token/refresh/", "/api/auth/social/exchange", "/api/me/password/", "/admin/"])
    assert.equal((await ask(path, { ...json, body: "{}" })).status, 404, path);
  const foreign = await ask("/api/projects", { ...json, headers: { ...json.headers, "Sec-Fetch-Site": "cross-site" }, body: "{}" });
  assert.equal(foreign.status, 403);
});

test("limits count visitors, not the server that asks for them", async () => {
  const body = { name: "Bea", message: "Hello" };
  const write = (visitor: string, letter: number) =>
    unwrap(clientOf(new Jar(), { "x-forwarded-for": visitor }).POST("/api/contact", { body: { ...body, email: `${letter}@example.com` } }));
  for (const visitor of ["203.0.113.7", "203.0.113.8"]) for (const letter of [1, 2]) await write(visitor, letter);
  await assert.rejects(write("203.0.113.7", 3), (error) => isApiError(error, "throttled") && error.retryAfter! > 0);
});

test("the list of logins shows the visitor", async () => {
  const jar = new Jar();
  const client = clientOf(jar, { "x-forwarded-for": "203.0.113.9", "user-agent": "Firefox of Ann" });
  await client.session.logIn("ann", password);
  const current = (await unwrap(client.GET("/api/me/sessions"))).find((login) => login.current);
  assert.deepEqual([current?.ip_address, current?.user_agent], ["203.0.113.9", "Firefox of Ann"]);
});
