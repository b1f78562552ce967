/**
 * Closes the open menus of the head on Escape and on a click elsewhere. Without this script they open and close by their
 * own summary.
 */

/** @returns {NodeListOf<HTMLDetailsElement>} the menus that are open */
function openMenus() {
  return document.querySelectorAll("details.menu[open]");
}

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});
