// The language switch of the head takes along what was chosen or typed and is not yet sent: it goes by the form.
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form#answer"));
const link = /** @type {HTMLAnchorElement | null} */ (document.querySelector("a.tool[hreflang]"));

link?.addEventListener("click", (event) => {
  if (!form) return;
  event.preventDefault();
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "language";
  field.value = link.hreflang.slice(0, 2);
  form.append(field);
  form.submit();
});

// a page brought back from memory must not ask for a language again
addEventListener("pageshow", () => form?.querySelector("input[name=language]")?.remove());
