// The back office works without this file. It adds comfort, driven by data-*
// attributes, and never holds state that the server doesn't.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = JSON.parse(document.querySelector("meta[name=time-words]").content);
  const lang = document.documentElement.lang;

  // Times, in the zone that the page names; the rules are those of i18n.Ago.
  const timeZone = document.documentElement.dataset.zone;
  const days = new Intl.DateTimeFormat("sv-SE", { timeZone }); // 2026-11-23
  const day = (t) => Date.parse(days.format(t)) / 86400000;
  const date = (t, now) => {
    const [year, month, number] = days.format(t).split("-");
    const text = `${Number(number)} ${words.months[month - 1]}`;
    return days.format(now).startsWith(year) ? text : `${text} ${year}`;
  };
  const count = (word, n) => word.replace("0", n);

  function ago(t, now) {
    const seconds = (now - t) / 1000;
    const s = Math.abs(seconds);
    const days = Math.abs(day(now) - day(t));
    const past = seconds >= 0;
    if (s < 60) return past ? words.now : count(words.inS, Math.ceil(s));
    if (s < 3600) return count(past ? words.minAgo : words.inMin, Math.floor(s / 60));
    if (s < 12 * 3600 || days === 0) return count(past ? words.hAgo : words.inH, Math.floor(s / 3600));
    if (days === 1) return past ? words.yesterday : words.tomorrow;
    return date(t, now);
  }

  // Day before month, as in ago().
  const full = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { dateStyle: "medium", timeStyle: "medium", timeZone });
  const fully = (t, now) => (ago(t, now) === date(t, now) ? full.format(t) : `${full.format(t)} · ${ago(t, now)}`);

  function tellTimes() {
    const now = new Date();
    for (const element of all("time[data-time]")) {
      const t = new Date(element.dateTime);
      const text = element.dataset.time === "full" ? fully(t, now) : ago(t, now);
      if (element.textContent !== text) element.textContent = text;
    }
  }

  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss]")?.closest("[data-toast]").remove();
    closeMenus((menu) => !menu.contains(event.target));
  });

  // Menus close as menus do.
  const closeMenus = (which) => all("details[data-menu][open]").filter(which).forEach((menu) => (menu.open = false));

  // One that would leave the screen opens to the other side.
  document.addEventListener("toggle", ({ target: menu }) => {
    if (!menu.matches("details[data-menu][open]")) return;
    delete menu.dataset.end;
    if (menu.lastElementChild.getBoundingClientRect().right > document.documentElement.clientWidth) menu.dataset.end = "";
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement?.closest("details[data-menu][open]");
    closeMenus(() => true);
    menu?.querySelector("summary").focus();
  });

  // A part that replaces itself keeps open what was open.
  let open = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    open = all("details[id][open]", event.detail.target).map((details) => details.id);
  });

  document.addEventListener("htmx:afterSwap", () => {
    if (document.getElementById("detail")) open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    open = [];
  });

  // The focus goes on from what takes the place of what had it.
  let lost = null;
  const called = (link) => link.ariaLabel || link.firstChild?.textContent.trim();
  document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    const at = document.activeElement;
    const menu = at.closest("details[id]") || at.parentElement?.querySelector(":scope > details[id]");
    lost = target.contains(at) ? { menu: menu?.id, name: called(at) } : null;
  });

  document.addEventListener("htmx:afterSettle", () => {
    tellTimes();
    if (!lost || document.activeElement !== document.body) return;
    const menu = document.getElementById(lost.menu)?.querySelector("summary");
    (menu || all("#list a").find((link) => called(link) === lost.name && link.checkVisibility()))?.focus({ preventScroll: true });
    lost = null;
  });

  // What a request said that failed, or a sentence of our own.
  function toast(text, html) {
    const corner = document.getElementById("toasts");
    const told = new DOMParser().parseFromString(html || "", "text/html").querySelector("[data-toast]");
    const note = told || document.getElementById("toast").content.querySelector("[data-toast]").cloneNode(true);
    if (!told) note.querySelector("[data-toast-text]").textContent = text;
    corner.replaceChildren(note);
    setTimeout(() => note.remove(), 12000);
  }

  // Pages that ask for news don't while nobody looks, and say nothing of a try that fails.
  const asksForNews = (event) => event.detail?.elt?.getAttribute("hx-trigger")?.startsWith("every ");
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && asksForNews(event)) event.preventDefault();
  });

  const { failed, offline } = document.getElementById("toasts").dataset;
  document.addEventListener("htmx:responseError", (event) => asksForNews(event) || toast(failed, event.detail.xhr.responseText));
  document.addEventListener("htmx:sendError", (event) => asksForNews(event) || toast(offline));
  document.addEventListener("htmx:timeout", (event) => asksForNews(event) || toast(offline));

  // What a page says of what was done is read out when it changes, and not where it is there
  // from the start. The keyboard goes on at the title of the page, and not above the menu.
  const done = document.querySelector("[role=status]:has(> [data-flash])");
  if (done) {
    setTimeout(() => done.replaceChildren(...done.childNodes), 500);
    if (document.activeElement === document.body && !document.querySelector("[autofocus]")) document.querySelector("main h1[tabindex]")?.focus({ preventScroll: true });
  }

  tellTimes();
  setInterval(tellTimes, 1000);
})();
