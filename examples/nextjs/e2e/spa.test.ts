import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test, type BrowserContext, type Page } from "@playwright/test";
import { api, newPerson, password, untilExpired } from "./people";

const client = path.resolve("../../clients/typescript");

/** Pages without a server of their own: the client's files, and nothing else. */
async function serveFiles(context: BrowserContext): Promise<void> {
  await context.route("**/spa/**", (route) => {
    const file = new URL(route.request().url()).pathname.slice("/spa/".length);
    if (file === "") return route.fulfill({ contentType: "text/html", body: `<!DOCTYPE html><title>Alone</title><script type="importmap">{"imports": {"openapi-fetch": "/spa/node_modules/openapi-fetch/dist/index.mjs"}}</script>` });
    return route.fulfill({ contentType: "text/javascript", body: readFileSync(path.join(client, file)) });
  });
}

/** A tab with a client, whose tokens are in a cookie that the page reads. */
async function newTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto("/spa/");
  await page.evaluate(async (baseUrl) => {
    const { createClient, cookieStore, unwrap } = await import("/spa/dist/index.js" as string);
    const made = createClient({ baseUrl, store: cookieStore() });
    made.session.onLogOut(() => (document.title = "Logged out"));
    Object.assign(window, { client: made, me: async () => (await unwrap(made.GET("/api/me"))).username });
  }, api);
  return page;
}

const ask = (page: Page): Promise<string> => page.evaluate("me()");

test("tabs without a server share one renewal, and a log-out", async ({ context }) => {
  const username = await newPerson();
  await serveFiles(context);
  const tabs = [await newTab(context), await newTab(context), await newTab(context)];
  await tabs[0]!.evaluate(([name, secret]) => (window as unknown as { client: { session: { logIn(...of: string[]): unknown } } }).client.session.logIn(name!, secret!), [username, password]);
  let renewals = 0;
  context.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/api/token/refresh")) renewals++;
  });
  for (let round = 1; round <= 3; round++) {
    await untilExpired();
    expect(await Promise.all([...tabs, ...tabs].map(ask))).toEqual(Array(6).fill(username));
    expect(renewals).toBe(round);
  }
  await tabs[0]!.evaluate("client.session.logOut()");
  for (const tab of tabs) await expect(tab).toHaveTitle("Logged out");
  expect(await context.cookies()).toEqual([]);
});
