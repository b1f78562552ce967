/** Keys of the paper: A to H or 1 to 9 choose, F flags, N and P go on and back. Nothing while one types. */

const OPTIONS = "ABCDEFGHI";

/**
 * @param {{choose: (index: number) => boolean, flag: () => void, next: () => void, previous: () => void}} acts
 * @param {() => boolean} isOpen whether the paper can be seen
 */
export function listenToKeys(acts, isOpen) {
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const isTyping = target.matches("input:not([type=radio]):not([type=checkbox]), select, textarea");
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.repeat || !isOpen()) return;
    const key = event.key.toUpperCase();
    const index = /^[1-9]$/.test(key) ? Number(key) - 1 : key.length === 1 ? OPTIONS.indexOf(key) : -1;
    // an item with a sixth option needs F itself; Shift and F flag everywhere
    if (!event.shiftKey && index >= 0 && acts.choose(index)) event.preventDefault();
    else if (key === "F") acts.flag();
    else if (key === "N") acts.next();
    else if (key === "P") acts.previous();
  });
}
