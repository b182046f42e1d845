// Forms of the back office work without this file: rows have numbers for their place
// and boxes that remove them. It gives them handles, buttons and undo, keeps the save
// bar in sight once something changed, and asks before changes are lost.
(() => {
  const form = document.querySelector("[data-form]");
  if (!form) return;
  const bar = form.querySelector("[data-save-bar]");
  let dirty = false;

  function changed() {
    if (dirty || !bar) return;
    dirty = true;
    bar.dataset.dirty = "";
    bar.querySelector("[data-dirty-note]").hidden = false;
  }

  if ("unsaved" in form.dataset) changed(); // what comes back from a refused save, too
  form.addEventListener("input", changed);
  form.addEventListener("submit", () => (dirty = false));

  // Half a date, or a word for a number, is nothing to the browser; the server has words for it.
  form.addEventListener("formdata", (event) => {
    form.querySelectorAll("input").forEach((input) => input.validity.badInput && event.formData.set(input.name, "?"));
  });
  addEventListener("beforeunload", (event) => dirty && event.preventDefault());

  const dress = (root) => {
    root.querySelectorAll("[data-plain]").forEach((element) => (element.hidden = true));
    root.querySelectorAll("[data-fancy], [data-add-row]").forEach((element) => (element.hidden = false));
  };

  function number(list) {
    [...list.children].forEach((row, i) => {
      const order = row.querySelector("input[name$='.order']");
      if (order) order.value = i + 1;
    });
    changed();
  }

  function add(inline) {
    const list = inline.querySelector("[data-rows]");
    const name = inline.dataset.inline;
    const html = inline.querySelector("[data-blank]").innerHTML;
    list.insertAdjacentHTML("beforeend", html.replaceAll(`${name}.new.`, `${name}.${list.children.length}.`));
    const row = list.lastElementChild;
    dress(row);
    htmx.process(row);
    number(list);
    row.querySelector("input:not([type=hidden], [hidden] *), textarea, select").focus();
  }

  function move(row, step) {
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    other[step < 0 ? "before" : "after"](row);
    number(row.parentNode);
    const said = row.closest("[data-inline]").querySelector("[data-said]");
    said.textContent = said.dataset.moved.replace("0", [...row.parentNode.children].indexOf(row) + 1);
    row.querySelector(`[data-move="${step}"]`).focus();
  }

  function remove(row, gone) {
    row.querySelector("input[name$='.delete']").checked = gone;
    row.toggleAttribute("data-removed", gone);
    row.querySelector(gone ? "[data-undo]" : "[data-remove]").focus();
    changed();
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const row = button?.closest("[data-row]");
    if (!button) return;
    if ("addRow" in button.dataset) add(button.closest("[data-inline]"));
    if (button.dataset.move) move(row, Number(button.dataset.move));
    if ("remove" in button.dataset) remove(row, true);
    if ("undo" in button.dataset) remove(row, false);
  });

  let dragged = null;
  form.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip) return;
    event.preventDefault();
    dragged = grip.closest("[data-row]");
    form.setPointerCapture(event.pointerId);
  });
  form.addEventListener("pointermove", (event) => {
    const over = dragged && document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-row]");
    if (!over || over === dragged || over.parentNode !== dragged.parentNode) return;
    const box = over.getBoundingClientRect();
    over[event.clientY < box.top + box.height / 2 ? "before" : "after"](dragged);
  });
  form.addEventListener("pointerup", () => {
    if (dragged) number(dragged.parentNode);
    dragged = null;
  });

  dress(form);
  form.querySelector("[data-focus]")?.focus();
})();
