// Says of figures on our own pages that nobody renewed them: three hours after they were to be, by the reader's clock,
// their day is followed by the word for it. A frame that stays open, and files whose publisher ended, say so themselves.
{
  const HOUR = 3600000;
  let timer;
  const look = () => {
    let next = HOUR; // a machine that slept is noticed within it
    for (const widget of document.querySelectorAll("[data-stale]")) {
      const rest = Date.parse(widget.dataset.validUntil) + 3 * HOUR - Date.now();
      if (rest >= 0) next = Math.min(next, rest + 1);
      else for (const at of widget.querySelectorAll(".tkr-at")) {
        const said = (at.matches("small") ? "" : ", ") + widget.dataset.stale;
        if (at.textContent !== said) at.textContent = said; // once: some screen readers tell every change
      }
    }
    clearTimeout(timer);
    timer = setTimeout(look, next);
  };
  for (const event of ["visibilitychange", "htmx:after:swap", "tkr-range"]) document.addEventListener(event, look);
  look();
}
