import { expect, test } from "@playwright/test";
import { api, expectAccessible } from "./people";

test("what is written offline is sent once, online", async ({ page, context }) => {
  const name = `Bea ${Date.now()}`;
  await page.goto("/contact");
  await expectAccessible(page);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail").fill(`bea${Date.now()}@example.com`);
  await page.getByLabel("Message").fill("Hello");
  await context.setOffline(true);
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByText("You are offline.")).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText("Thank you for your message")).toBeVisible();
  await expect(page.getByText("You are offline.")).toHaveCount(0);
});

test("a lost answer does not send a message twice", async ({ page }) => {
  let keys: (string | undefined)[] = [];
  await page.route(`${api}/api/contact`, async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    keys.push(route.request().headers()["idempotency-key"]);
    if (keys.length > 1) return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await page.goto("/contact");
  await page.getByLabel("Name").fill("Cleo");
  await page.getByLabel("E-mail").fill(`cleo${Date.now()}@example.com`);
  await page.getByLabel("Message").fill("Hello");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByText("Thank you for your message")).toBeVisible();
  expect(keys.length).toBe(2);
  expect(keys[1]).toBe(keys[0]);
});

test("what is wrong stands beside its field", async ({ page }) => {
  await page.goto("/contact");
  await page.getByLabel("Name").fill("Dora");
  await page.getByLabel("E-mail").fill("dora");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByLabel("E-mail")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Name")).toHaveValue("Dora");
  await expectAccessible(page);
});

test("the waitlist is joined, without scripts too", async ({ page, browser }) => {
  await page.goto("/waitlist");
  await expectAccessible(page);
  await page.getByLabel("E-mail").fill(`eve${Date.now()}@example.com`);
  await page.getByRole("button", { name: "Join" }).click();
  await expect(page.getByRole("status")).toBeVisible();
  const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await plain.goto("/waitlist");
  await plain.getByLabel("E-mail").fill(`fay${Date.now()}@example.com`);
  await plain.getByRole("button", { name: "Join" }).click();
  await expect(plain.getByRole("status")).toBeVisible();
  await plain.context().close();
});

test("the start is accessible", async ({ page }) => {
  await page.goto("/");
  await expectAccessible(page);
});
