import { expect, test } from "@playwright/test";
import { loggedIn, untilExpired } from "./people";

test("scripts see no token", async ({ page, context }) => {
  await loggedIn(page);
  expect(await page.evaluate(() => [document.cookie, { ...localStorage }, { ...sessionStorage }])).toEqual(["", {}, {}]);
  const kept = (await context.cookies()).filter((cookie) => cookie.name.startsWith("dp_"));
  expect(kept.map(({ httpOnly, sameSite }) => [httpOnly, sameSite])).toEqual([[true, "Lax"], [true, "Lax"]]);
  for (const { value } of kept) expect(await page.content()).not.toContain(value);
  expect(await page.evaluate(async () => (await fetch("/api/me")).status)).toBe(200);
  expect(await page.evaluate(async () => (await fetch("/api/token/refresh", { method: "POST" })).status)).toBe(404);
});

test("an expired token is renewed unseen", async ({ page, context }) => {
  const username = await loggedIn(page);
  const token = async () => (await context.cookies()).find((cookie) => cookie.name === "dp_access")?.value;
  const before = await token();
  await untilExpired();
  await page.getByRole("link", { name: "Profile" }).click(); // a navigation in the page
  await expect(page.getByRole("heading", { name: username })).toBeVisible();
  await untilExpired();
  await page.getByRole("button", { name: "Save" }).click(); // a server action
  await expect(page.getByRole("status")).toBeVisible();
  await untilExpired();
  expect(await page.evaluate(async () => (await fetch("/api/me")).status)).toBe(200); // a script
  await untilExpired();
  await page.reload();
  await expect(page.getByRole("heading", { name: username })).toBeVisible();
  expect(await token()).not.toBe(before);
});

test("a page whose token was refused meanwhile is loaded again", async ({ page }) => {
  const username = await loggedIn(page);
  await page.goto("/renew?next=/profile"); // where a page sends then
  await expect(page).toHaveURL(/\/profile$/);
  await expect(page.getByRole("heading", { name: username })).toBeVisible();
  await page.goto("/renew?next=//evil.example");
  await expect(page).toHaveURL(/\/projects$/);
});

test("two tabs go on beside each other", async ({ page, context }) => {
  await loggedIn(page);
  const other = await context.newPage();
  for (let round = 0; round < 3; round++) {
    await untilExpired();
    await Promise.all([page.goto("/projects"), other.goto("/logins")]);
    await expect(page.getByRole("heading", { name: "Projects" })).toBeVisible();
    await expect(other.getByRole("heading", { name: "Logins" })).toBeVisible();
  }
  await page.getByRole("button", { name: "Log out" }).click();
  await expect(page.getByRole("link", { name: "Log in" })).toBeVisible();
  await other.reload();
  await expect(other).toHaveURL(/\/login/);
});

test("behind a logout the back button shows nothing", async ({ page }) => {
  await loggedIn(page);
  await page.getByRole("link", { name: "Logins" }).click();
  await expect(page.getByText("This one")).toBeVisible();
  await page.getByRole("button", { name: "Log out", exact: true }).click();
  await expect(page.getByRole("link", { name: "Log in" })).toBeVisible();
  await page.goBack();
  await expect(page.getByText("This one")).toHaveCount(0);
  await page.goto("/projects");
  await expect(page).toHaveURL(/\/login/);
});

test("the visitor's address reaches the API", async ({ page }) => {
  await page.setExtraHTTPHeaders({ "X-Forwarded-For": "203.0.113.7" }); // as a proxy before the site tells it
  await loggedIn(page);
  await page.goto("/logins");
  await expect(page.getByText("203.0.113.7")).toBeVisible();
});
