/** Words of the page in both languages, and the change from one to the other without the network. */

/** @typedef {"zh" | "en"} Language */

const TAGS = { zh: "zh-CN", en: "en" };

export class Words {
  #words;
  /** @type {Language} */
  language;

  /** @param {Record<Language, Record<string, string>>} words @param {Language} language */
  constructor(words, language) {
    this.#words = words;
    this.language = language;
  }

  /** The words under `key`, with `{name}` replaced. @param {string} key @param {Record<string, string | number>} [values] @returns {string} */
  text(key, values = {}) {
    const words = this.#words[this.language][key] ?? key;
    return words.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole)).replaceAll("*", "");
  }

  /** The same as nodes, with what stands between asterisks in bold. @param {string} key @param {Record<string, string | number>} [values] @returns {Node[]} */
  nodes(key, values = {}) {
    const words = this.#words[this.language][key] ?? key;
    const filled = words.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
    return filled.split("*").map((part, index) => (index % 2 ? element("b", {}, part) : document.createTextNode(part)));
  }

  /** `2 minutes` or `1 minute`: another key where there is one of it. @param {string} one @param {string} many @param {Record<string, number>} values */
  counted(one, many, values) {
    return this.text(Object.values(values)[0] === 1 ? one : many, values);
  }

  /** Shows the page in a language. @param {Language} language @param {ParentNode} root */
  show(language, root = document) {
    this.language = language;
    document.documentElement.lang = TAGS[language];
    const paper = /** @type {HTMLElement} */ (document.querySelector("[data-language]"));
    paper.dataset.language = language;
    const [, site] = document.title.split(" · ");
    const title = paper.dataset[language === "zh" ? "titleZh" : "titleEn"];
    if (title) document.title = site ? `${title} · ${site}` : title;
    for (const one of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-label]"))) {
      one.setAttribute("aria-label", this.text(one.dataset.label ?? ""));
    }
    for (const one of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-zh]"))) {
      one.textContent = one.dataset[language] ?? "";
    }
  }

  /** `10:32:05` at the bases, whatever the computer's clock and place. @param {number} time ms since 1970 @param {boolean} [seconds] */
  clock(time, seconds = true) {
    return (seconds ? WITH_SECONDS : WITHOUT_SECONDS).format(time);
  }

  /** A list such as `31、32、33`. @param {number[]} numbers @param {number} [most] */
  list(numbers, most = 12) {
    const shown = numbers.slice(0, most).join(this.language === "zh" ? "、" : ", ");
    return numbers.length > most ? `${shown} …` : shown;
  }
}

const WITH_SECONDS = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit" });
const WITHOUT_SECONDS = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit" });

/** @param {string} name @param {Record<string, string>} [attributes] @param {...(Node | string)} children @returns {HTMLElement} */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const SPACE = "http://www.w3.org/2000/svg";
const LOCAL = "picture-";

/** Brings the sprite into the page, so that a picture that appears later needs no network. */
export async function loadPictures() {
  try {
    const answer = await fetch(spriteAddress());
    const sprite = new DOMParser().parseFromString(await answer.text(), "image/svg+xml");
    const place = document.createElementNS(SPACE, "svg");
    place.setAttribute("hidden", "");
    for (const symbol of sprite.querySelectorAll("symbol")) {
      symbol.id = LOCAL + symbol.id;
      place.append(document.importNode(symbol, true));
    }
    document.body.append(place);
    for (const use of document.querySelectorAll("main use")) showPicture(use, (use.getAttribute("href") ?? "").split("#")[1]);
  } catch {
    // the pictures then come from the sprite's own address, one by one
  }
}

function spriteAddress() {
  return /** @type {HTMLElement} */ (document.querySelector("[data-icons]")).dataset.icons ?? "";
}

/** @param {Element} use of an svg @param {string} name of the picture */
export function showPicture(use, name) {
  const address = document.getElementById(LOCAL + name) ? `#${LOCAL}${name}` : `${spriteAddress()}#${name}`;
  if (use.getAttribute("href") !== address) use.setAttribute("href", address);
}

/** A picture of the sprite. @param {string} name @param {string} [more] classes */
export function icon(name, more = "") {
  const picture = document.createElementNS(SPACE, "svg");
  picture.setAttribute("class", `icon ${more}`.trim());
  picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SPACE, "use");
  showPicture(use, name);
  picture.append(use);
  return picture;
}
