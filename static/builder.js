// The builder: measures the preview for the snippet, copies, searches while one types, and keeps the place of whoever
// adds and removes. htmx does the asking; without this script every control is part of a form that works.
(() => {
  "use strict";
  const said = document.getElementById("said");
  const builder = () => document.getElementById("builder");
  const tell = (text) => { said.textContent = text; };
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
  const buttons = (list) => [...builder().querySelectorAll(`${list} li:not([hidden]) button`)];
  let stood = null;

  // The height that the reader's own letters give: the snippet keeps that much room.
  const measure = () => {
    const widget = builder().querySelector(".stage div.live > .tkr");
    if (!widget) return;
    const height = String(Math.ceil(widget.getBoundingClientRect().height));
    for (const place of builder().querySelectorAll("[data-height]")) place.textContent = height;
  };

  const copy = async (code) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      tell("Copied.");
    } catch {
      getSelection().selectAllChildren(code); // no clipboard without https
      tell("Selected: press Ctrl+C, or ⌘C.");
    }
  };

  const search = (field) => {
    const wanted = plain(field.value);
    for (const offer of builder().querySelectorAll("#offers li")) offer.hidden = !offer.dataset.words.includes(wanted);
    const count = buttons("#offers").length;
    document.getElementById("none").hidden = count > 0;
    tell(wanted ? `${count || "Nothing"} found.` : "");
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [aria-disabled]");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.copy) copy(document.getElementById(button.dataset.copy));
  });
  document.addEventListener("input", (event) => { if (event.target.id === "find") search(event.target); });
  // A search changes nothing that is chosen, and an answer now would take the button that is being pressed away.
  document.addEventListener("change", (event) => { if (event.target.id === "find") event.stopPropagation(); }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.id !== "find") return;
    event.preventDefault();
    if (event.target.value && buttons("#offers")[0]) buttons("#offers")[0].click();
  });

  document.addEventListener("htmx:before:swap", () => {
    const list = ["#items", "#offers"].find((id) => document.activeElement.closest(id));
    stood = list && { list, at: buttons(list).indexOf(document.activeElement) };
  });
  document.addEventListener("htmx:after:swap", () => {
    measure();
    const again = stood && document.activeElement === document.body && buttons(stood.list);
    if (again) (again[Math.min(stood.at, again.length - 1)] || document.getElementById("find") || builder()).focus();
    const item = stood && document.activeElement.closest("[data-said]");
    if (item) tell(item.dataset.said);
    stood = null;
  });
  for (const name of ["htmx:response:error", "htmx:error"]) {
    document.addEventListener(name, (event) => {
      if (event.target.id !== "builder") return;
      builder().reset(); // what is chosen is what is shown
      tell("The server does not answer, so nothing has changed. Please try again.");
    });
  }
  measure();
})();
