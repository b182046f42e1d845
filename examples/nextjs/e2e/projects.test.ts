import { expect, test } from "@playwright/test";
import { expectAccessible, loggedIn } from "./people";

test("a project with its lists: add, change, delete", async ({ page }) => {
  await loggedIn(page);
  await expectAccessible(page);
  await page.getByRole("link", { name: "New project" }).click();
  await expect(page.getByRole("heading", { name: "New project" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByLabel("Name *", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Name *", { exact: true }).fill("Claims");
  await page.getByLabel("Status").selectOption("active");
  await page.getByLabel("Name of report 1").fill("Board report");
  await page.getByRole("button", { name: "Add report" }).click();
  await page.getByLabel("Name of report 2").fill("Weekly figures");
  await page.getByLabel("Name of data source 1").fill("Warehouse");
  await page.getByLabel("Works with AI").check();
  await page.getByLabel("Features, one a line").fill("Summaries\nForecasts");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Claims" })).toBeVisible();
  for (const shown of ["Active", "Board report", "Weekly figures", "Warehouse", "AI: Summaries, Forecasts"]) await expect(page.getByText(shown)).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByRole("button", { name: "Remove report 1" }).click();
  await page.getByLabel("Progress").fill("101");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByLabel("Progress")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Name of report 1")).toHaveValue("Weekly figures");
  await page.getByLabel("Progress").fill("80");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("80 %")).toBeVisible();
  await expect(page.getByText("Weekly figures")).toBeVisible();
  await expect(page.getByText("Board report")).toHaveCount(0);

  await page.getByRole("link", { name: "Projects" }).click();
  await page.getByLabel("Search").fill("nothing of that kind");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByText("Nothing matches.")).toBeVisible();
  await page.goto("/projects?status=active");
  await page.getByRole("link", { name: "Claims" }).click();
  await page.getByText("Delete", { exact: true }).click();
  await page.getByRole("button", { name: "Delete it" }).click();
  await expect(page.getByText("There is no project yet.")).toBeVisible();
});

test("who was slower sees what the other has stored", async ({ page, context }) => {
  await loggedIn(page);
  await page.goto("/projects/new");
  await page.getByLabel("Name *", { exact: true }).fill("Claims");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Claims" })).toBeVisible();
  const other = await context.newPage();
  await other.goto(page.url());
  for (const tab of [page, other]) {
    await tab.getByRole("link", { name: "Edit" }).click();
    await expect(tab.getByLabel("Budget")).toBeVisible();
  }
  await other.getByLabel("Budget").fill("AUD 240k");
  await other.getByRole("button", { name: "Save" }).click();
  await expect(other.getByText("AUD 240k")).toBeVisible();
  await page.getByLabel("Budget").fill("AUD 100k");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("changed meanwhile")).toBeVisible();
  await expect(page.getByText("Stored now: AUD 240k")).toBeVisible();
  await expect(page.getByLabel("Budget")).toHaveValue("AUD 100k");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Save mine all the same" }).click();
  await expect(page.getByText("AUD 100k")).toBeVisible();
});

test("what is not there, or somebody else's, is not found", async ({ page }) => {
  await loggedIn(page);
  await page.goto("/projects/4711");
  await expect(page.getByRole("heading", { name: "There is no such page" })).toBeVisible();
  await expectAccessible(page);
});
