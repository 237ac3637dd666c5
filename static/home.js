// Renews the widgets of the home page when new figures are due: not on a timer, spread over readers, only while the
// page is visible, and never when paused. htmx does the fetching; an error answer leaves what is shown (noSwap).
(() => {
  "use strict";
  const SECOND = 1000, MINUTE = 60 * SECOND, LONGEST = 30 * MINUTE;
  const said = document.getElementById("updates");
  const pause = document.getElementById("pause");
  let failures = 0, quiet = 0, paused = false, round = null, focused = null, timer;

  const places = () => [...document.querySelectorAll("[data-live]")]; // the builder puts others there
  const widgets = () => places().map((place) => place.querySelector("[data-valid-until]")).filter(Boolean);
  const validUntil = () => Math.min(...widgets().map((widget) => Date.parse(widget.dataset.validUntil)));
  const doubled = (first, times) => Math.min(first * 2 ** Math.min(times, 16), LONGEST);

  // How long until the widgets may have something new to say, in milliseconds.
  const wait = () => {
    const spread = (20 + 60 * Math.random()) * SECOND;
    if (failures) return doubled(MINUTE, failures - 1) + spread / 2;
    const rest = Math.max(validUntil() - Date.now(), 0);
    const awaited = widgets().some((widget) => "awaited" in widget.dataset);
    if (rest && !awaited) return rest + spread;
    // Out by the calendar and not here yet, or an old copy from a cache: look again, at growing distances.
    const again = awaited || quiet ? doubled(MINUTE, Math.max(quiet - 1, 0)) : 0;
    return Math.min(rest || Infinity, again) + spread;
  };
  const plan = () => {
    clearTimeout(timer);
    if (paused || document.hidden || round) return;
    // A machine that slept, or a clock that was set, is noticed within the hour.
    const delay = wait();
    timer = setTimeout(delay > 60 * MINUTE ? plan : renew, Math.min(delay, 60 * MINUTE));
  };
  const tell = (word) => { if (said.textContent !== said.dataset[word]) said.textContent = said.dataset[word]; };

  // A round asks for every widget once; what came of it counts once.
  const renew = () => {
    round = { places: places(), settled: new Map(), until: validUntil() };
    timer = setTimeout(() => end(false), 2 * MINUTE);
    for (const place of round.places) place.dispatchEvent(new CustomEvent("figures-due"));
  };
  const settle = (event, good) => {
    const place = event.target.closest && event.target.closest("[data-live]");
    if (!round) return;
    if (place && !round.settled.has(place)) round.settled.set(place, good);
    const open = round.places.some((other) => other.isConnected && !round.settled.has(other));
    if (!open) end([...round.settled.values()].every(Boolean));
  };
  const end = (good) => {
    failures = good ? 0 : failures + 1;
    quiet = good && round.until === validUntil() ? quiet + 1 : 0;
    round = null;
    tell(paused ? "off" : good ? "on" : "away");
    plan();
  };

  // A reader who stands on a link of a widget goes on standing there when it is renewed.
  document.addEventListener("htmx:before:swap", () => {
    const link = document.activeElement, place = link && link.closest("[data-live]");
    focused = place ? { place, at: [...place.querySelectorAll("a")].indexOf(link) } : focused;
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const answer = event.detail && event.detail.ctx && event.detail.ctx.response;
    if (!answer || answer.status >= 400) return;
    if (focused && document.activeElement === document.body) {
      const link = focused.place.querySelectorAll("a")[focused.at];
      if (link) link.focus({ preventScroll: true });
    }
    focused = null;
    settle(event, true);
  });
  document.addEventListener("htmx:response:error", (event) => settle(event, false));
  document.addEventListener("htmx:error", (event) => settle(event, false));
  document.addEventListener("visibilitychange", plan);
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? pause.dataset.resume : pause.dataset.pause;
    tell(paused ? "off" : failures ? "away" : "on");
    plan();
  });
  tell("on");
  plan();
})();
