// Renews the widgets of the home page when new figures are due: not on a timer, spread over readers, only while the
// page is visible, and never when paused. htmx does the fetching; an error answer leaves what is shown (noSwap).
(() => {
  "use strict";
  const SECOND = 1000, MINUTE = 60 * SECOND;
  const said = document.getElementById("updates");
  const pause = document.getElementById("pause");
  const places = [...document.querySelectorAll("[data-live]")];
  let failures = 0, looks = 0, paused = false, timer;

  // The moment at which the widgets may have something new to say, in milliseconds from now.
  const wait = () => {
    if (failures) return Math.min(2 ** failures * 30 * SECOND, 30 * MINUTE) * (1 + Math.random() / 2);
    const shown = places.map((place) => place.querySelector("[data-valid-until]")).filter(Boolean);
    const until = Math.min(...shown.map((widget) => Date.parse(widget.dataset.validUntil)));
    const spread = (20 + 60 * Math.random()) * SECOND;
    const due = Math.max(until - Date.now(), 0) + spread;
    const awaited = shown.some((widget) => "awaited" in widget.dataset);
    if (!awaited) looks = 0;
    // Out by the calendar and not here yet: look again, at growing distances.
    return awaited ? Math.min(due, Math.min(2 ** looks, 15) * 2 * MINUTE + spread) : due;
  };
  const plan = () => {
    clearTimeout(timer);
    if (paused || document.hidden) return;
    // A machine that slept, or a clock that was set, is noticed within the hour.
    const delay = wait();
    timer = setTimeout(delay > 60 * MINUTE ? plan : renew, Math.min(delay, 60 * MINUTE));
  };
  const renew = () => {
    looks += 1;
    plan();
    for (const place of places) place.dispatchEvent(new CustomEvent("figures-due"));
  };
  const tell = (word) => { if (said.textContent !== said.dataset[word]) said.textContent = said.dataset[word]; };
  const outcome = (good) => {
    failures = good ? 0 : failures + 1;
    tell(paused ? "off" : good ? "on" : "away");
    plan();
  };

  document.addEventListener("htmx:after:swap", (event) => {
    const answer = event.detail && event.detail.ctx && event.detail.ctx.response;
    if (answer && answer.status < 400) outcome(true);
  });
  document.addEventListener("htmx:response:error", () => outcome(false));
  document.addEventListener("htmx:error", () => outcome(false));
  document.addEventListener("visibilitychange", plan);
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    tell(paused ? "off" : failures ? "away" : "on");
    plan();
  });
  tell("on");
  plan();
})();
