/** What a venue is told about the air. */

/** @typedef {{state: string, on_air: boolean, is_program: boolean, held: boolean, live: boolean, warnings: {name: string, text: string}[]}} Told */
/** @typedef {{word: string, look: "off" | "preview" | "aside" | "program" | "held"}} Air */

/** @param {Told | null} told @param {boolean} isSending from this page @param {boolean} isOwn whether this page is the one that sends or wants to @returns {Air} */
export function airOf(told, isSending, isOwn) {
  if (told?.state === "ended") return { word: "ended", look: "off" };
  if (!told?.live && !isSending) return { word: told?.state === "closed" ? "closed" : "off", look: "off" };
  if (told?.held) return { word: "held", look: "held" };
  if (told?.on_air) return told.is_program ? { word: "program", look: "program" } : { word: "aside", look: "aside" };
  return { word: isOwn ? "preview" : "by_other", look: "preview" };
}
