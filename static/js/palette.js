// The palette: the search through everything over any page, for the keyboard. What it
// finds, the server draws; here are the keys.
(() => {
  const dialog = document.getElementById("palette");
  const input = dialog.querySelector("input");
  const results = document.getElementById("palette-results");
  const options = () => [...results.querySelectorAll("[role=option]")];
  const selected = () => results.querySelector("[aria-selected=true]");

  function select(option) {
    selected()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function open(text) {
    if (dialog.open) return input.select();
    results.replaceChildren();
    select();
    input.value = text || "";
    dialog.showModal();
    input.select();
    htmx.trigger(input, "palette");
  }

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    open("");
  });

  document.addEventListener("click", (event) => {
    const search = event.target.closest("[data-search-all]");
    if (search && !event.ctrlKey && !event.metaKey && !dialog.contains(search)) {
      event.preventDefault();
      open(search.value);
    }
    if (event.target === dialog) dialog.close(); // its backdrop
  });

  // Enter, before the answer to what is typed is there, leads to the page: an answer to
  // something else is still shown, but nothing of it is chosen.
  let typing = false;
  input.addEventListener("input", () => {
    typing = true;
    select();
  });
  input.addEventListener("htmx:beforeRequest", () => (typing = false));

  const moves = { ArrowDown: 1, ArrowUp: -1 };
  input.addEventListener("keydown", (event) => {
    const all = options();
    if (event.key in moves && all.length) {
      event.preventDefault();
      const at = all.indexOf(selected()) + moves[event.key];
      select(all[(at + all.length) % all.length]);
    }
  });

  input.form.addEventListener("submit", (event) => {
    if (!selected()) return;
    event.preventDefault();
    selected().click();
  });

  results.addEventListener("htmx:afterSwap", () => {
    input.setAttribute("aria-expanded", options().length > 0);
    if (!typing) select(options()[0]);
    dialog.querySelector("[role=status]").textContent = results.querySelector("[data-found]").textContent;
  });
})();
