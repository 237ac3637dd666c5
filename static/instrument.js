// The page of an instrument: htmx fetches another range or comparison in place; a reader who stood on a link of the
// chart goes on standing there, and the back button leads to the first page too.
(() => {
  "use strict";
  let stood = null;
  // htmx restores only entries that it made itself; the one that the reader came with is one of them from now on.
  if (!history.state) history.replaceState({ htmx: true }, "");
  // Other ranges come from the server here, with all that the page says of them.
  const fromServer = () => document.querySelectorAll("[data-figure]").forEach((e) => { e.dataset.serverRanges = ""; });
  fromServer();
  // An answer that is none leaves the page as it is, and its address too.
  document.addEventListener("htmx:before:history:update", (event) => {
    if (event.detail.response && event.detail.response.status >= 400) event.preventDefault();
  });
  document.addEventListener("htmx:before:swap", () => {
    const at = document.activeElement, link = at && at.closest("a[data-range]");
    stood = link ? `a[data-range="${link.dataset.range}"]` : at && at.closest("form") ? "form button" : null;
  });
  document.addEventListener("htmx:after:swap", () => {
    const again = stood && document.querySelector(`.chart ${stood}`);
    if (again) again.focus({ preventScroll: true });
    stood = null;
    fromServer();
  });
})();
