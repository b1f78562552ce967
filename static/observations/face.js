/** What the pages with a picture share: data and words of the page, elements, pictures of the sprite. */

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

const json = (/** @type {string} */ id) => JSON.parse(byId(id).textContent ?? "null");

/** @type {any} */
export const data = json("page-data");
/** @type {Record<string, string>} */
const words = json("page-words");

/** The words under `key`, with `{name}` filled. @param {string} key @param {Record<string, string | number>} [values] */
export function text(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** Writes only what changed, so that nothing is read out twice. @param {Element} element @param {string} said */
export function write(element, said) {
  if (element.textContent !== said) element.textContent = said;
}

/** Says it to who listens to the page. @param {string} said */
export function say(said) {
  write(byId("spoken"), said);
}

/** @param {string} name @param {Record<string, string>} [attributes] @param {...(Node | string)} children @returns {HTMLElement} */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const SPACE = "http://www.w3.org/2000/svg";
const sprite = /** @type {HTMLElement} */ (document.querySelector("[data-icons]")).dataset.icons;

/** @param {string} name @param {string} [more] classes */
export function icon(name, more = "") {
  const picture = document.createElementNS(SPACE, "svg");
  picture.setAttribute("class", `icon ${more}`.trim());
  picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SPACE, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  picture.append(use);
  return picture;
}

/** Changes the picture of a button. @param {Element} within @param {string} name */
export function setIcon(within, name) {
  const [use, address] = [within.querySelector("use"), `${sprite}#${name}`];
  if (use && use.getAttribute("href") !== address) use.setAttribute("href", address);
}

/** A state with its picture and its word. @param {"good" | "attention" | "failed" | "waiting" | "plain"} kind @param {string} said */
export function mark(kind, said) {
  const pictures = { good: "circle-check", attention: "alert-triangle", failed: "plug-connected-x", waiting: "clock", plain: "" };
  const made = element("span", { class: `state state-${kind}` });
  if (pictures[kind]) made.append(icon(pictures[kind]));
  made.append(said);
  return made;
}

/** Puts new children in place of the old ones when what they say has changed. @param {Element} place @param {unknown} about what they rest on @param {() => (Node | string)[]} make */
export function renew(place, about, make) {
  const seen = JSON.stringify(about);
  const box = /** @type {HTMLElement} */ (place);
  if (box.dataset.seen === seen) return;
  const held = document.activeElement instanceof HTMLElement && box.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  box.dataset.seen = seen;
  box.replaceChildren(...make());
  if (held) /** @type {HTMLElement | null} */ (box.querySelector(`[data-key="${held}"]`))?.focus();
}

/** @param {number} number @param {number} digits */
export const figure = (number, digits) => number.toFixed(digits);

/** Date and time as the bases write them. @param {string | number | Date} moment @param {boolean} [hasDate] */
export function clock(moment, hasDate = false) {
  const day = hasDate ? /** @type {const} */ ({ year: "numeric", month: "2-digit", day: "2-digit" }) : {};
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: hasDate ? undefined : "2-digit", ...day });
  return format.format(new Date(moment));
}

/** `1280×720`, or a dash. @param {{width: number, height: number} | null | undefined} size */
export const sizeOf = (size) => (size?.width ? `${size.width}×${size.height}` : "–");
