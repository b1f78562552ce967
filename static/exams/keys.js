// Keys of a page with one item: A to H or 1 to 9 choose an option, the same key again takes the choice back.
const form = document.querySelector("form[data-keys]");

/** @param {KeyboardEvent} event */
function choose(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const typing = target.matches("input:not([type=radio]):not([type=checkbox]), select, textarea");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !form) return;
  const inputs = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll(".option-input")]);
  const key = event.key.toUpperCase();
  const place = /^[1-9]$/.test(key) ? Number(key) - 1 : key.length === 1 ? key.charCodeAt(0) - 65 : -1;
  const input = inputs[place];
  if (!input || input.disabled) return;
  event.preventDefault();
  input.checked = !input.checked;
  input.focus();
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("keydown", choose);

// In an ordering item a place belongs to one line: the line that had it takes the place that became free.
form?.addEventListener("change", (event) => {
  const changed = /** @type {HTMLSelectElement} */ (event.target);
  if (!(changed instanceof HTMLSelectElement) || !changed.name.startsWith("place.")) return;
  const all = /** @type {HTMLSelectElement[]} */ ([...form.querySelectorAll("select[name^='place.']")]);
  const taken = new Set(all.map((select) => select.value));
  const free = [...changed.options].map((option) => option.value).find((value) => value && !taken.has(value));
  const other = all.find((select) => select !== changed && select.value && select.value === changed.value);
  if (other) other.value = free ?? "";
});
