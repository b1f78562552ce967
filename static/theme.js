/**
 * Tells Tabler which theme the system shows, for the few parts of it that look at the attribute and not at the system.
 * Our own colours need no script: tokens.css follows the system by itself.
 */

const dark = window.matchMedia("(prefers-color-scheme: dark)");

/** Puts the system's theme on the root element. */
function follow() {
  document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light";
}

follow();
dark.addEventListener("change", follow);
