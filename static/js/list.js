// Selection in lists. What is ticked stays so over paging, filters, a look at a row and an
// action that failed, as long as the tab is open; an action that was done unticks it.
(() => {
  const key = `ticked:${location.pathname}`;
  const limit = 500;
  const kept = new Set(JSON.parse(sessionStorage.getItem(key) || "[]"));
  const forms = () => [...document.querySelectorAll("[data-selection]")];
  const rowBoxes = (form) => [...form.querySelectorAll("tbody input[name=id]")];
  let lastBox = null;

  const keep = (box) => kept[box.checked && kept.size < limit ? "add" : "delete"](box.value);

  // Rows that are out of sight are sent along.
  function carry(form, boxes) {
    form.querySelectorAll("[data-away]").forEach((input) => input.remove());
    const away = [...kept].filter((id) => !boxes.some((box) => box.value === id));
    for (const id of away) {
      const input = Object.assign(document.createElement("input"), { type: "hidden", name: "id", value: id });
      input.dataset.away = "";
      form.append(input);
    }
    form.toggleAttribute("data-kept", away.length > 0);
    return away.length;
  }

  function show(form) {
    const boxes = rowBoxes(form);
    const here = boxes.filter((box) => box.checked).length;
    const ticked = here + carry(form, boxes);
    const whole = form.querySelector("[data-select-all]");
    const text = form.querySelector("[data-selected-count]");
    if (whole) {
      whole.hidden = false;
      whole.checked = here > 0 && here === boxes.length;
      whole.indeterminate = here > 0 && here < boxes.length;
    }
    const every = form.querySelector("input[name=all]");
    if (every && here < boxes.length) every.checked = false;
    if (text && ticked > 0) {
      const some = ticked === 1 ? text.dataset.one : text.dataset.many.replace("0", ticked);
      text.textContent = every?.checked ? text.dataset.every : some;
      form.querySelector("[data-clear]").hidden = false;
    }
    sessionStorage.setItem(key, JSON.stringify([...kept]));
  }

  function restore(form) {
    for (const box of rowBoxes(form)) {
      box.checked ||= kept.has(box.value); // the browser may have kept some as well
      keep(box);
    }
    show(form);
  }

  function tickRange(form, from, to) {
    const boxes = rowBoxes(form);
    const [first, last] = [boxes.indexOf(from), boxes.indexOf(to)].sort((a, b) => a - b);
    if (first >= 0) boxes.slice(first, last + 1).forEach((box) => (box.checked = to.checked));
  }

  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-selection] tbody input[name=id]");
    if (box) {
      if (event.shiftKey && lastBox) tickRange(box.form, lastBox, box);
      lastBox = box;
    }
    const { form } = event.target.closest("[data-clear]") || {};
    if (!form) return;
    kept.clear();
    rowBoxes(form).forEach((ticked) => (ticked.checked = false));
    show(form);
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-selection]");
    if (!form) return;
    const { target } = event;
    if ("selectAll" in target.dataset || (target.name === "all" && target.checked)) {
      rowBoxes(form).forEach((box) => (box.checked = target.checked));
    }
    rowBoxes(form).forEach(keep);
    show(form);
  });

  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-selection]")) sessionStorage.setItem(`${key}:sent`, "1");
  });
  if (sessionStorage.getItem(`${key}:sent`) && document.querySelector("[data-flash]")) kept.clear(); // it says what was done
  sessionStorage.removeItem(`${key}:sent`);

  document.addEventListener("htmx:afterSettle", () => forms().forEach(restore));
  forms().forEach(restore);
})();
