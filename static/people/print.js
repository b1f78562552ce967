/**
 * Shows the print button where there is a script to serve it; without one the browser's own command prints the slip.
 */

for (const button of document.querySelectorAll("button[data-print]")) {
  button.removeAttribute("hidden");
  button.addEventListener("click", () => window.print());
}
