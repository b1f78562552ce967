/**
 * Arrow keys in a tree of links: up and down move, right opens or goes in, left closes or goes out, Home and End jump.
 * Without this script every link and every summary is reached by Tab.
 */

/** @param {HTMLElement} tree @returns {HTMLElement[]} the links that are shown, in their order */
function shownLinks(tree) {
  return [...tree.querySelectorAll("a.tree-link")].filter((link) => link.checkVisibility());
}

/** @param {HTMLElement} link @returns {HTMLDetailsElement | null} what opens the parts of the link */
function partsOf(link) {
  const next = link.nextElementSibling;
  return next instanceof HTMLDetailsElement ? next : null;
}

/** @param {HTMLElement} tree @param {HTMLElement} link @param {string} key @returns {HTMLElement | null | undefined} where the key leads */
function target(tree, link, key) {
  const links = shownLinks(tree);
  const place = links.indexOf(link);
  const parts = partsOf(link);
  if (key === "ArrowDown") return links[place + 1];
  if (key === "ArrowUp") return links[place - 1];
  if (key === "Home") return links[0];
  if (key === "End") return links.at(-1);
  if (key === "ArrowRight") {
    if (!parts) return null;
    if (parts.open) return parts.querySelector("a.tree-link");
    parts.open = true;
    return link;
  }
  if (parts?.open) {
    parts.open = false;
    return link;
  }
  return link.closest("details")?.previousElementSibling;
}

const KEYS = new Set(["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"]);

for (const tree of document.querySelectorAll(".tree")) {
  tree.addEventListener("keydown", (event) => {
    const link = event.target.closest("a.tree-link");
    if (!link || !KEYS.has(event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    target(tree, link, event.key)?.focus();
  });
  tree.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
}
