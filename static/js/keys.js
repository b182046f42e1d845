// Single keys, for whoever works through a list. An element with data-key is what its
// key clicks; the page has the same by mouse, and without this file.
(() => {
  const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll("[data-selection] tbody tr")];
  const focused = () => document.activeElement.closest("[data-selection] tbody tr");
  const tick = (row) => row?.querySelector("input[name=id]").click();

  function step(by) {
    const all = rows();
    const at = all.indexOf(focused());
    const row = all[at < 0 ? 0 : at + by];
    row?.querySelector("td a").focus();
    return Boolean(row);
  }

  function press(key) {
    const all = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
    const offered = (element) => !element.matches("input") || element.offsetParent;
    const target = all.find((element) => offered(element) && element.closest("main")) || all.find(offered);
    if (!target) return false;
    if (target.form?.matches("[data-selection]") && !rows().some((row) => row.querySelector(":checked"))) {
      if (!focused()) return false;
      tick(focused());
    }
    if (target.matches("input")) target.select();
    else target.click();
    return true;
  }

  const moves = { j: () => step(1), k: () => step(-1), x: () => focused() && (tick(focused()), true) };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    if ((rows().length > 0 && moves[event.key]?.()) || (event.key.length === 1 && press(event.key))) event.preventDefault();
  });
})();
