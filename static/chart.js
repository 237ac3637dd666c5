// Charts that can be explored. In the page a chart is a picture (SVG). When a reader points at it, taps it, moves into it
// with the keyboard or asks, Plotly is loaded, once, and draws the same line over it; until the view moves, all else of
// the picture stays, so nothing jumps. Another range is another chart, in the place of this one. If anything fails, the
// picture is what there is.
(() => {
  "use strict";
  if (window.TickerChart) return;
  const CHART = "figure.tkr-f[data-figure]", DAY = 864e5, INTENT = 150, known = new WeakSet();
  let library, count = 0;
  // For a page that asks for Trusted Types: all that we make of strings comes from our own server.
  const same = (text) => text, made = { createHTML: same, createScriptURL: same };
  const trusted = window.trustedTypes?.createPolicy("market-ticker-chart", made) || made;

  const make = (name, rest) => Object.assign(document.createElement(name), rest);
  const load = (from) => library ||= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    // With this mark Plotly adds no style of its own, which a strict policy refuses (an empty style element too).
    const mark = make("meta", { id: "plotly.js-style-global", className: "no-inline-styles" });
    const end = () => {
      mark.remove(); // a page's own Plotly, should one come later, finds no mark
      window.Plotly ? resolve(window.Plotly) : reject(script.remove());
    };
    const script = make("script", { ...from, src: trusted.createScriptURL(from.src), crossOrigin: "anonymous", onload: end, onerror: end });
    document.head.append(mark, script);
  }).catch((error) => {
    library = null;
    throw error;
  });

  // Makes a chart one that can be explored; returns what takes it over.
  const chart = (figure) => {
    const place = figure.querySelector(".tkr-g"), picture = figure.querySelector(".tkr-g svg"), button = figure.querySelector(".tkr-e");
    if (!picture || known.has(figure)) return;
    known.add(figure);
    const said = make("span", { className: "tkr-x", ariaLive: "polite" });
    let ready, failed, timer, wanted, Plotly, plot, layout, axis, home, shown, days, at, finger;

    const time = (day) => axis.d2c(day);
    const iso = (ms) => new Date(ms).toISOString();
    // The picture's own box is the plot: Plotly's is put there too.
    const size = () => {
      const box = place.getBoundingClientRect(), inner = picture.getBoundingClientRect();
      const margin = { l: inner.left - box.left, r: box.right - inner.right, t: inner.top - box.top, b: box.bottom - inner.bottom };
      return { width: box.width, height: box.height, margin: { ...margin, autoexpand: false } };
    };

    // The page's own colours and letters. Plotly reads rgb() only; the browser puts others into numbers.
    const paint = () => {
      const style = (of) => getComputedStyle(picture.querySelector(of) || picture), text = style("text");
      const rgb = (colour) => {
        plot.style.color = `color-mix(in srgb, ${colour}, ${colour})`;
        const found = getComputedStyle(plot).color, [r, g, b, a = 1] = found.match(/-?[\d.]+(e-\d+)?/g);
        return found.startsWith("color") ? `rgba(${[r, g, b].map((n) => Math.round(n * 255))},${a})` : found;
      };
      plot.data.forEach(({ line }, n) => {
        const own = getComputedStyle(picture.querySelectorAll(".tkr-line")[n] || picture);
        line.color = rgb(own.stroke);
        line.width = parseFloat(own.strokeWidth);
        line.dash = own.strokeDasharray.replace("none", "solid");
      });
      layout.font = { family: text.fontFamily, size: parseFloat(text.fontSize), color: rgb(text.fill) };
      layout.yaxis.gridcolor = rgb(style(".tkr-i").stroke);
      layout.xaxis.spikecolor = layout.font.color;
      // What is pointed at is written in the ink, on the paper that it is for, where the lines' colours are seen too.
      const ink = rgb(getComputedStyle(figure).color), [r, g, b] = ink.match(/[\d.]+/g);
      layout.hoverlabel = {
        bgcolor: r * 0.3 + g * 0.59 + b * 0.11 < 118 ? "#fff" : "#000", bordercolor: layout.font.color,
        font: { family: text.fontFamily, size: 13, color: ink },
      };
      plot.style.color = "";
    };

    // Shows these days, as far as there are figures, on a scale of the figures in sight.
    const show = (from, to) => {
      const first = time(layout.xaxis.minallowed), last = time(layout.xaxis.maxallowed);
      const span = Math.min(Math.max(to - from, layout.meta.least * DAY), last - first);
      const start = Math.min(Math.max((from + to - span) / 2, first), last - span), end = start + span;
      const away = start !== home.x[0] || end !== home.x[1];
      const sight = plot.data.flatMap(({ y, times }) =>
        // The figure before the first in sight counts too: its line, or its step, comes into view.
        y.filter((value, n) => value !== null && times[n] <= end && !(times[n + 1] <= start)));
      const low = sight.reduce((a, b) => Math.min(a, b), Infinity), high = sight.reduce((a, b) => Math.max(a, b), -Infinity), pad = (high - low) * 0.06 || Math.abs(high) * 0.02 || 1;
      shown = [start, end];
      place.classList.toggle("tkr-still", !away);
      Plotly.Fx.unhover(plot); // what it says is where it was
      return Plotly.relayout(plot, {
        ...size(),
        "xaxis.range": shown.map(iso), "xaxis.nticks": Math.max(2, place.clientWidth / 85 | 0), "xaxis.showticklabels": away,
        "yaxis.range": away && sight.length ? [low - pad, high + pad] : home.y, "yaxis.tickmode": away ? "auto" : "array",
        "yaxis.showticklabels": away, "yaxis.showgrid": away,
      });
    };
    const reset = () => show(...home.x);
    const pan = (by) => show(shown[0] + by, shown[1] + by);
    const zoom = (by) => {
      const on = days[at] >= shown[0] && days[at] <= shown[1] ? days[at] : (shown[0] + shown[1]) / 2;
      show(on - (on - shown[0]) * by, on + (shown[1] - on) * by);
    };
    const nearer = () => zoom(0.5), farther = () => zoom(2);

    // Shows the figures of a day: of that very day. Plotly alone would add the nearest one of every other line.
    const point = (to) => {
      at = to;
      plot.calcdata.forEach(([{ trace }], n) => { trace.hoverinfo = plot.data[n].days.has(days[at]) ? undefined : "skip"; });
      Plotly.Fx.hover(plot, { xval: days[at] });
    };
    const nearest = ({ clientX }) => {
      const ms = axis.p2c(clientX - picture.getBoundingClientRect().left);
      return days.reduce((best, day, n) => Math.abs(day - ms) < Math.abs(days[best] - ms) ? n : best, 0);
    };

    // Stands on the figures of a day, shows them and says them.
    const stand = async (to) => {
      at = Math.min(Math.max(to, 0), days.length - 1);
      const day = days[at], over = Math.min(day - shown[0], 0) || Math.max(day - shown[1], 0);
      if (over) await pan(over);
      point(at);
      clearTimeout(timer);
      timer = setTimeout(() => {
        said.textContent = [...plot.querySelectorAll(".hoverlayer text")].map((e) => e.textContent).filter(Boolean).join(", ");
      }, 80); // Plotly itself may wait for 50
    };
    const press = (event) => {
      const { key, shiftKey } = event;
      if (event.ctrlKey || event.altKey || event.metaKey || !plot) return;
      const left = days.findIndex((ms) => ms >= shown[0]), right = days.findLastIndex((ms) => ms <= shown[1]);
      const here = at ?? right + 1, leap = Math.ceil((right - left) / 20), step = (shown[1] - shown[0]) / 5;
      const act = {
        ArrowLeft: () => shiftKey ? pan(-step) : stand(here - 1), ArrowRight: () => shiftKey ? pan(step) : stand(here + 1),
        PageDown: () => stand(here - leap), PageUp: () => stand(here + leap), Home: () => stand(left), End: () => stand(right),
        "+": nearer, "=": nearer, "-": farther, 0: reset, Escape: reset,
      }[key];
      if (!act) return;
      if (key !== "Escape" || !place.matches(".tkr-still")) event.preventDefault(); // it may have to close a dialog, too
      act();
    };

    const draw = async () => {
      const answer = await fetch(figure.dataset.figure, { signal: AbortSignal.timeout(2e4) });
      if (!answer.ok || getComputedStyle(place).position === "static") throw answer; // a chart without our style stays a picture
      const { script, words, figure: drawn } = await answer.json(), traces = drawn.data;
      Plotly = await load({ ...script, src: new URL(script.src, answer.url).href });
      layout = Object.assign(drawn.layout, size());
      layout.xaxis.showticklabels = layout.yaxis.showticklabels = layout.yaxis.showgrid = false;
      for (const trace of traces) {
        trace.times = trace.x.map((day) => Date.parse(day));
        trace.days = new Set(trace.times.filter((_, n) => trace.y[n] !== null));
      }
      plot = make("div", { className: "tkr-ly", ariaHidden: "true", data: traces });
      home = { y: layout.yaxis.range };
      place.append(plot);
      paint();
      await Plotly.newPlot(plot, traces, layout, drawn.config);
      axis = plot._fullLayout.xaxis;
      home.x = shown = layout.xaxis.range.map(time);
      days = [...new Set(traces.flatMap((trace) => [...trace.days]))].sort((a, b) => a - b);
      place.classList.add("tkr-live", "tkr-still");

      const keys = make("span", { className: "tkr-x", id: `tkr-keys-${++count}`, textContent: words.keys });
      said.after(keys);
      place.setAttribute("aria-describedby", keys.id);
      const tool = (textContent, word, onclick) => make("button", { type: "button", textContent, ariaLabel: word, title: word, onclick });
      const tools = make("span", { className: "tkr-zs" }), asked = button?.matches(":focus");
      tools.append(tool("+", words.zoom_in, nearer), tool("−", words.zoom_out, farther), tool("↺", words.reset, reset));
      tools.style.width = button?.offsetWidth + "px";
      button?.replaceWith(tools);
      if (asked) place.focus({ preventScroll: true });

      plot.on("plotly_relayout", () => {
        const now = layout.xaxis.range.map(time);
        if (Math.abs(now[0] - shown[0]) + Math.abs(now[1] - shown[1]) > 1) show(...now);
      });
      plot.on("plotly_beforehover", (event) => {
        if (event.type === "mouseout") return true;
        point(nearest(event));
        return false;
      });
      new ResizeObserver(() => requestAnimationFrame(() => {
        const { width, height } = size();
        if (width && (width !== layout.width || height !== layout.height)) show(...shown);
      })).observe(place);
    };
    const take = async (asked) => {
      clearTimeout(timer);
      if (!ready) {
        place.ariaBusy = "true";
        said.textContent = "";
      }
      ready ||= draw().then(() => true, () => {
        plot?.remove();
        plot = ready = null;
        failed = true;
      }).finally(() => { place.ariaBusy = null; });
      if (!await ready && asked) tell();
    };
    // Who only passes by loads nothing, and what failed is tried again only when asked for.
    const passed = () => { ready || clearTimeout(timer); };
    const soon = () => {
      passed();
      if (!ready && !failed) timer = setTimeout(take, INTENT);
    };

    const tell = () => { if (button) said.textContent = button.textContent = button.dataset.failed; };

    // Another range: its chart in the place of this one, with all that it says; who stood in this one stands there.
    const range = async (link) => {
      wanted = link;
      place.ariaBusy = "true";
      const data = figure.dataset.figure.replace(/range=\w+/, `range=${link.dataset.range}`);
      const answer = await fetch(data.replace("chart.json", "chart") + "&style=0", { cache: "no-cache", signal: AbortSignal.timeout(2e4) });
      const next = new DOMParser().parseFromString(trusted.createHTML(await answer.text()), "text/html").querySelector(CHART);
      next.dataset.figure = data;
      if (link !== wanted || !figure.isConnected) return;
      const [before, after] = [figure, next].map((e) => e.querySelector("details"));
      if (before && after) after.open = before.open;
      const held = figure.matches(":focus-within");
      const [shown, fresh] = [figure, next].map((e) => e.closest(".tkr"));
      if (shown && fresh) shown.dataset.validUntil = fresh.dataset.validUntil; // how old these figures are
      figure.replaceWith(next);
      next.dispatchEvent(new Event("tkr-range", { bubbles: true }));
      const again = chart(next);
      if (held) next.querySelector(`[data-range="${link.dataset.range}"]`).focus({ preventScroll: true });
      if (ready) again?.();
    };

    Object.assign(place, { tabIndex: 0, role: "application", ariaLabel: picture.getAttribute("aria-label") });
    const on = (type, act, rest) => place.addEventListener(type, act, rest);
    on("pointerenter", ({ pointerType }) => pointerType === "mouse" && soon());
    on("pointerleave", passed);
    on("focus", soon);
    on("blur", passed);
    on("click", take);
    on("keydown", press);
    // A finger across the chart moves from figure to figure, and pans once the view has moved. Up and down it scrolls the
    // page, as long as Plotly sees nothing of it.
    on("touchstart", (event) => event.stopPropagation(), { capture: true, passive: true });
    on("pointermove", (event) => {
      const { pointerType, clientX } = event;
      if (!plot || pointerType !== "touch") return;
      const moved = axis.p2c(finger ?? clientX) - axis.p2c(clientX);
      finger = clientX;
      if (place.matches(".tkr-still")) point(nearest(event));
      else pan(moved);
    });
    on("pointerdown", () => { finger = null; });
    // Our style lets a change of colours take a moment, so whatever changed them is heard of.
    on("transitionend", () => {
      if (!plot) return;
      paint();
      Plotly.redraw(plot);
    });
    figure.addEventListener("click", (event) => {
      const link = event.target.closest("[data-range]");
      if (!link || "serverRanges" in figure.dataset || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      range(link).catch(() => {
        if (link !== wanted) return;
        place.ariaBusy = null;
        tell(); // where it leads is ours too: whoever followed it would lose the page that they read
      });
    });
    place.after(said);
    if (button) Object.assign(button, { hidden: false, onclick: take });
    return take;
  };

  const find = (root) => [root.closest?.(CHART), ...root.querySelectorAll(CHART)].forEach((e) => e && chart(e));
  // However a chart comes into the page, sooner or later, it is found.
  const observer = new MutationObserver((records) => {
    for (const { addedNodes } of records) for (const node of addedNodes) if (node.querySelectorAll) find(node);
  });
  const attach = (root) => {
    find(root);
    observer.observe(root, { childList: true, subtree: true });
  };
  window.TickerChart = { attach };
  attach(document);
})();
