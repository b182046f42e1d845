import { readFileSync } from "node:fs";
import { expect, type Page } from "@playwright/test";

export const api = process.env.API_URL ?? "http://localhost:8000";
export const password = "correct horse battery";

/** The link in the newest mail to an address that leads to a path. */
export async function mailedLink(email: string, path: string): Promise<string> {
  let link: string | undefined;
  await expect(async () => {
    const mails = (await (await fetch(`${api}/dev/mailbox/api?to=${email}`)).json()) as { links: string[] }[];
    link = mails[0]?.links.find((link) => new URL(link).pathname === path);
    expect(link).toBeTruthy();
  }).toPass();
  return link!;
}

/** Signs up as somebody new and verifies the address, without the pages. */
export async function newPerson(): Promise<string> {
  const username = `ann${Math.random().toString(36).slice(2, 10)}`;
  const email = `${username}@example.com`;
  await post("/api/auth/signup", { username, email, password });
  await post("/api/auth/verify-email", { key: new URL(await mailedLink(email, "/verify-email")).searchParams.get("key") });
  return username;
}

async function post(path: string, body: object): Promise<void> {
  const answer = await fetch(api + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  expect(answer.ok, `${path}: ${answer.status}`).toBe(true);
}

export async function logIn(page: Page, username: string, secret = password): Promise<void> {
  await page.goto("/login");
  await page.getByLabel("Username or e-mail").fill(username);
  await page.getByLabel("Password").fill(secret);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** Somebody new who is logged in, on the page of their projects. */
export async function loggedIn(page: Page): Promise<string> {
  const username = await newPerson();
  await logIn(page, username);
  await expect(page.getByRole("heading", { name: "Projects" })).toBeVisible();
  return username;
}

/** Waits until an access token has expired. */
export const untilExpired = () => new Promise((resolve) => setTimeout(resolve, Number(process.env.ACCESS_LIFE ?? 2) * 1000 + 100));


const axe = readFileSync("node_modules/axe-core/axe.min.js", "utf8");

/** The page is accessible, and fits a phone. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const faults = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
  });
  expect(faults, page.url()).toEqual([]);
  const size = page.viewportSize()!;
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth), page.url()).toBeLessThanOrEqual(360);
  await page.setViewportSize(size);
}
