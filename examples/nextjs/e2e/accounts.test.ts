import { expect, test } from "@playwright/test";
import { expectAccessible, loggedIn, logIn, mailedLink, newPerson, password, untilExpired } from "./people";

test("sign up, verify, log in", async ({ page }) => {
  const username = `bea${Date.now()}`;
  const email = `${username}@example.com`;
  await page.goto("/signup");
  await expectAccessible(page);
  const form = page.locator("form", { has: page.getByLabel("Username") });
  await form.getByLabel("Username").fill(username);
  await form.getByLabel("E-mail").fill(email);
  await form.getByLabel("Password").fill("12345678");
  await form.getByRole("button").click();
  await expect(form.getByLabel("Password")).toHaveAttribute("aria-invalid", "true");
  await expect(form.getByLabel("Username")).toHaveValue(username);
  await expectAccessible(page);
  await form.getByLabel("Password").fill(password);
  await form.getByRole("button").click();
  await expect(page.getByRole("status")).toContainText("check your email");

  await logIn(page, username);
  await expect(page.getByRole("alert").filter({ hasText: /verif/i })).toBeVisible();
  await page.goto(await mailedLink(email, "/verify-email"));
  await expect(page.getByText("Email verified successfully")).toBeVisible();
  await page.reload(); // mail scanners, and StrictMode, do it twice
  await expect(page.getByText("Email verified successfully")).toBeVisible();
  await expectAccessible(page);
  await page.goto("/verify-email?key=wrong");
  await expect(page.getByText("Invalid or expired confirmation key")).toBeVisible();
  await logIn(page, username);
  await expect(page).toHaveURL(/\/projects$/);
});

test("a mail that did not come is sent again", async ({ page }) => {
  await page.goto("/signup");
  const again = page.locator("form", { has: page.getByRole("button", { name: "Send it again" }) });
  await again.getByLabel("E-mail").fill("nobody@example.com");
  await again.getByRole("button").click();
  await expect(page.getByRole("status")).toBeVisible();
});

test("a wrong password is refused, and a page is returned to", async ({ page }) => {
  const username = await newPerson();
  await page.goto("/logins");
  await expect(page).toHaveURL(/\/login\?next=%2Flogins/);
  await expectAccessible(page);
  await page.getByLabel("Username or e-mail").fill(username);
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByText("No active account found")).toBeVisible();
  await expect(page.getByLabel("Username or e-mail")).toHaveValue(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page).toHaveURL(/\/logins$/);
  await expectAccessible(page);
});

test("a forgotten password is replaced", async ({ page }) => {
  const username = await newPerson();
  await page.goto("/forgot-password");
  await expectAccessible(page);
  await page.getByLabel("E-mail").fill(`${username}@example.com`);
  await page.getByRole("button", { name: "Send me a link" }).click();
  await expect(page.getByRole("status")).toContainText("reset link");
  await page.goto(await mailedLink(`${username}@example.com`, "/reset-password"));
  await expectAccessible(page);
  await page.getByLabel("New password").fill("password");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByLabel("New password")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("New password").fill("staple horse correct");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status")).toContainText("has been reset");
  await logIn(page, username, "staple horse correct");
  await expect(page).toHaveURL(/\/projects$/);
});

for (const provider of ["GitHub", "Google"])
  test(`log in with ${provider}`, async ({ page }) => {
    test.skip(!process.env.PROXY_URL, "no provider is there");
    await page.goto("/login");
    await page.getByRole("link", { name: `Log in with ${provider}` }).click();
    await expect(page).toHaveURL(/\/projects$/);
    await page.goto("/profile");
    await expect(page.getByRole("button", { name: `Disconnect ${provider}` })).toBeVisible();
    await page.getByRole("button", { name: `Disconnect ${provider}` }).click();
    await expect(page.getByRole("alert").first()).toBeVisible(); // it is the only way in
    await page.goto("/auth/callback?error=denied");
    await expect(page.getByText("You did not agree")).toBeVisible();
  });

test("profile: names, password", async ({ page }) => {
  const username = await loggedIn(page);
  await page.goto("/profile");
  await expectAccessible(page);
  await page.getByLabel("First name").fill("Ann");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("First name")).toHaveValue("Ann");
  const form = page.locator("form", { has: page.getByRole("button", { name: "Change password" }) });
  await form.getByLabel("Current password").fill(password);
  await form.getByLabel("New password").fill("staple horse correct");
  await form.getByRole("button").click();
  await expect(page.getByRole("status")).toContainText("Password changed");
  await page.goto("/projects"); // the new login
  await expect(page.getByRole("heading", { name: "Projects" })).toBeVisible();
  await logIn(page, username, "staple horse correct");
  await expect(page).toHaveURL(/\/projects$/);
});

test("logins: one ends another, or all", async ({ page, browser }) => {
  const username = await loggedIn(page);
  const elsewhere = await browser.newPage();
  await logIn(elsewhere, username);
  await expect(elsewhere).toHaveURL(/\/projects$/);
  await page.goto("/logins");
  await expect(page.getByText("This one")).toHaveCount(1);
  await page.getByRole("button", { name: /^End the login/ }).click();
  await expect(page.getByRole("button", { name: /^End the login/ })).toHaveCount(0);
  await untilExpired(); // the other's token is good for as long, at most
  await elsewhere.getByRole("link", { name: "Profile" }).click();
  await expect(elsewhere).toHaveURL(/\/login\?next=%2Fprofile/);
  await expect(elsewhere.getByLabel("Password")).toBeVisible();
  await elsewhere.close();
  await page.getByRole("button", { name: "Log out everywhere" }).click();
  await expect(page).toHaveURL(/\/login$/);
});
