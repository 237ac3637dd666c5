// The host's side of our frames: each becomes as tall as its content, and light or dark as the page is. Including it
// twice does no harm. It acts on frames that lead to the host it came from, and on no other.
(() => {
  "use strict";
  const MOST = 10000; // pixels
  const home = new URL(document.currentScript.src).origin, mine = new WeakSet(), spoken = new WeakSet();
  const frames = () => [...document.querySelectorAll(`iframe[src^="${home}/"][src*="/embed/"]`)];

  // A browser paints a ground behind a frame whose colour scheme is not that of its element: so a frame with a theme that
  // is not the page's can be read, and its element is given the page's scheme, whatever the theme. A page that is dark
  // or light without saying so (color-scheme) is known by its ink.
  const scheme = (frame) => {
    const { color, colorScheme } = getComputedStyle(frame.parentNode);
    const ink = colorScheme === "normal" && !document.querySelector("meta[name=color-scheme]") && color.match(/^rgba?\((\d+), (\d+), (\d+)/);
    return ink ? (ink[1] * 2 + ink[2] * 5 + +ink[3] > 1024 ? "dark" : "light") : "";
  };
  const paint = (frame) => {
    if (frame.style.colorScheme && !mine.has(frame)) return; // the page's own word
    mine.add(frame);
    frame.style.colorScheme = scheme(frame);
  };

  addEventListener("message", ({ data, origin, source }) => {
    const frame = data?.sentinel === "amp" && data.message === "height" && frames().find((f) => f.contentWindow === source);
    // In a sandbox a page has no origin.
    if (!frame || (origin !== home && !(origin === "null" && frame.hasAttribute("sandbox")))) return;
    spoken.add(frame);
    if (data.height > 0) frame.style.height = `${Math.min(Math.ceil(data.height), MOST)}px`;
    const said = frame.previousElementSibling;
    if (said?.matches("blockquote[data-ticker]")) said.style.display = "none"; // it stood in for the frame
    paint(frame);
  });

  // A frame that could not be loaded says nothing. It is asked for again, at growing distances, while somebody looks; one
  // that has spoken is left alone, for its figures would be lost if we were away.
  let pause = 60000;
  const again = () => {
    const silent = document.hidden ? [] : frames().filter((frame) => !spoken.has(frame));
    for (const frame of silent) frame.src = frame.src;
    if (silent.length) pause = Math.min(2 * pause, 30 * 60000);
    setTimeout(again, pause * (1 + Math.random() / 2));
  };

  const all = () => frames().forEach(paint);
  const start = () => {
    all();
    setTimeout(again, pause);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
    for (const root of [document.documentElement, document.body]) new MutationObserver(all).observe(root, { attributes: true });
    // A frame that was there first has spoken to nobody: any word makes it say its height again.
    for (const frame of frames()) frame.contentWindow.postMessage({ message: "ready" }, "*");
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
