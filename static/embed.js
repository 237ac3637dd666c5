// <market-ticker widget="list" i="energy,currencies" lang="es">what stands here until figures come</market-ticker>
//
// Fetches a fragment, shows it in a shadow root with a constructed style sheet (so the page's policy needs no exception
// for styles), and asks for a newer one when new figures are due. Attributes are the widget's parameters; theme and up
// are not sent, the style does their work. What stands between the tags stays until a whole answer has come, and the
// last good figures stay after that. No cookie, no storage, no host but ours.
(() => {
  "use strict";
  const NAME = "market-ticker", SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, SOON = 200 * SECOND;
  if (customElements.get(NAME)) return;

  const base = (address) => address.replace(/(static\/)?[^/]*$/, "");
  const here = base((document.currentScript || document.querySelector('script[src*="/embed."]'))?.src || "");
  // The page may ask for Trusted Types: this is all that we make of strings, and all of it comes from our own server.
  const same = (text) => text, made = { createHTML: same, createScriptURL: same };
  const trusted = window.trustedTypes?.createPolicy(NAME, made) || made;

  const sheets = {};
  const sheet = (css) => {
    if (!sheets[css]) (sheets[css] = new CSSStyleSheet()).replaceSync(css);
    return sheets[css];
  };
  const UNTIL = /valid-until="([^"]*)/, bare = (text) => text.replace(/ data-(valid-until="[^"]*"|awaited)/g, "");
  const BLOCK = ":host(:not([hidden])){display:block}";
  const INLINE = "button{all:unset;cursor:pointer}button:focus-visible{outline:2px solid}" +
    "@media screen{button{text-decoration:underline dotted}}";
  const NOW = { es: "ahora", pt: "agora" };
  const PARTS = {
    widget: ".tkr", head: ".tkr-h", title: ".tkr-h b", row: "li,.tkr-k>div,.tkr-f", label: "li>span>b", figure: "data", change: ".tkr-c",
    spark: "li svg", note: ".tkr-b",
  };

  // One address, however many elements on the page show it: asked for once, and again when it may have changed.
  const feeds = {};
  class Feed {
    #address; #asking; #awaited; #due; #opened; #timer; #until;
    #failures = 0;
    #quiet = 0;
    #shown = new Set();
    constructor(address) {
      this.#address = address;
    }
    add(element) {
      this.#shown.add(element);
      if (this.text) element.show(this.text);
      else this.#ask();
    }
    drop(element) {
      this.#shown.delete(element);
      this.plan();
    }
    async #ask() {
      if (this.#asking) return;
      this.#asking = true;
      try {
        const answer = await fetch(this.#address, {
          // At first what the browser holds is good enough; a renewal goes and asks whether that is still so, and after
          // a failure it may be half an answer.
          cache: this.#failures ? "reload" : this.text ? "no-cache" : "default", credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(20 * SECOND),
        });
        const text = await answer.text(), [, tag, rest] = text.match(/^<(section|span) class="tkr[ "]([^>]*)/) || [];
        // Half an answer, and a page that somebody puts in our place, are no figures.
        if (!answer.ok || !text.endsWith(`</${tag}>`)) throw answer.status === 400 ? text : answer.status;
        const until = Date.parse(rest.match(UNTIL)[1]);
        // Of two caches one may hold an older copy than the other: it does not take the place of what is shown.
        const older = until < Math.min(Date.now(), this.#until);
        this.#quiet = older || until === this.#until && (this.#awaited || until < Date.now()) ? this.#quiet + 1 : 0;
        this.#failures = 0;
        this.#opened = !this.text;
        if (!older) {
          this.#until = until;
          this.#awaited = rest.includes("data-awaited");
          if (text !== this.text) this.#shown.forEach((element) => element.show(text, this.text));
          this.text = text;
        }
      } catch (error) {
        if (!this.#failures++) console.warn(NAME, error);
        this.#shown.forEach((element) => element.failed());
      }
      this.#asking = false;
      this.#shown.forEach((element) => element.age());
      this.plan();
    }
    // How long until there may be something new, in milliseconds; spread, so that readers do not come all at once.
    #wait() {
      const rest = this.#until - Date.now(), spread = (20 + 60 * Math.random()) * SECOND;
      if (this.#failures) return Math.min(MINUTE * 2 ** (this.#failures - 1), SOON) + spread;
      // The browser's own copy, or a cache's, that was old when the page was opened: nobody else opened it just now.
      if (rest <= 0 && this.#opened) return (1 + 4 * Math.random()) * SECOND;
      // Out by the calendar and not here yet, or an old copy from a cache: look again soon, for an hour. Else only a
      // correction may come, at any time: in all, no more than five minutes pass.
      const next = (rest <= 0 || this.#awaited || this.#quiet) && this.#quiet < 60 ? 0 : SOON;
      return (rest > 0 ? Math.min(rest, next) : next) + spread;
    }
    plan() {
      clearTimeout(this.#timer);
      if (document.hidden || this.#asking || ![...this.#shown].some(({ seen }) => seen)) return;
      // Nothing is due later than in five minutes, unless the clock was set back.
      if (!this.#due || this.#due - Date.now() > 5 * MINUTE) this.#due = Date.now() + this.#wait();
      this.#timer = setTimeout(() => this.#ask(this.#due = null), this.#due - Date.now());
    }
  }
  const feed = (address) => feeds[address] ||= new Feed(address);
  document.addEventListener("visibilitychange", () => Object.values(feeds).forEach((one) => one.plan()));
  const watch = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => {
    target.seen = isIntersecting;
    target.feed?.plan();
  }));

  let charts;
  const explore = (root, host, then) => {
    charts ||= new Promise((onload, onerror) => {
      if (window.TickerChart) return onload();
      document.head.append(Object.assign(document.createElement("script"), {
        src: trusted.createScriptURL(`${host}chart.js`), onload, onerror,
      }));
    });
    charts.then(() => then(TickerChart.attach(root)), () => { charts = null; });
  };

  // What a widget is high, about, until it is here; the builder's snippet has the very number.
  const GROUPS = { energy: 4, currencies: 6, world: 9 };
  const guess = (widget, names, width) => {
    const rows = names.reduce((sum, name) => sum + (GROUPS[name] || 1), 0);
    if (widget === "card") return 268 * Math.ceil((rows * 276) / (width + 16));
    if (widget === "chart") return 590;
    if (widget === "strip") return 55 + (10000 * rows) / width;
    const heads = names.filter((name) => GROUPS[name]).length || 1;
    return 78 * heads + 60 * rows;
  };

  class MarketTicker extends HTMLElement {
    static observedAttributes = ["widget", "i", "lang", "theme", "up", "range", "spark", "href", "labels"];

    #aged; #host; #inline; #least; #now; #own;

    connectedCallback() {
      if (!this.shadowRoot) {
        const root = this.attachShadow({ mode: "open" }), widget = this.getAttribute("widget") || "list";
        // chart.js has put another chart there
        root.addEventListener("tkr-range", () => {
          this.#dress(root);
          this.age();
        });
        // It is measured as the block that it becomes, and with nothing in it: what is high then, the page keeps free, by
        // whatever means. One that is as wide as its content becomes 300 pixels wide (ticker.css).
        root.adoptedStyleSheets = [sheet(BLOCK)];
        const { height, width } = this.getBoundingClientRect();
        const names = (this.getAttribute("i") || (/card|chart/.test(widget) ? "wti" : "energy,currencies")).split(",");
        const least = +this.getAttribute("height") || (height > 40 ? 0 : guess(widget, names, width || 300));
        this.#least = `:host{min-height:${Math.ceil(least)}px}`;
      }
      watch.observe(this);
      this.#change();
    }
    disconnectedCallback() {
      watch.unobserve(this);
      this.feed?.drop(this);
      this.feed = null;
    }
    attributeChangedCallback(name, before, after) {
      if (this.shadowRoot && before !== after) queueMicrotask(() => this.isConnected && this.#change());
    }
    #change() {
      const host = this.hasAttribute("src") ? base(this.getAttribute("src").replace(/\/?$/, "/")) : here;
      const widget = this.getAttribute("widget") || "list", said = new URLSearchParams();
      for (const name of ["i", "lang", "range", "spark"]) if (this.hasAttribute(name)) said.set(name, this.getAttribute(name));
      said.set("link", 1);
      const next = feed(`${host}w/${widget}?${said}`.replaceAll("%2C", ","));
      this.#host = host;
      const root = this.shadowRoot, inline = widget === "inline";
      if (this.feed && this.feed !== next) this.#least = ""; // another widget has another height
      this.#own = sheet(inline ? INLINE : BLOCK + this.#least);
      if (this.#inline !== inline) { // a place of its own, or one in a sentence
        this.#inline = inline;
        this.feed = this.feed?.drop(this);
        root.replaceChildren(document.createElement("slot"));
        root.adoptedStyleSheets = [this.#own];
      }
      if (inline) return this.#offer(next);
      if (this.feed === next) return next.text && this.show(next.text);
      this.feed?.drop(this);
      this.feed = next;
      next.add(this);
    }

    // Puts a fragment in the place of the one before. A reader who stands on a link goes on standing there.
    show(text, before) {
      const root = this.shadowRoot, template = document.createElement("template"), shown = root.querySelector(".tkr");
      // Where only the moment is another at which it is to be renewed, a reader keeps his place, and his zoom.
      if (shown && before && !this.#aged && bare(text) === bare(before)) {
        shown.dataset.validUntil = text.match(UNTIL)[1];
        return;
      }
      // A reader who explored a chart, or chose its range, goes on so with the new figures.
      const live = root.querySelector(".tkr-live"), range = before && root.querySelector("[aria-current]")?.dataset.range;
      const [style, css = ""] = text.match(/<style>([^]*?)<\/style>/) || [];
      template.innerHTML = trusted.createHTML(text.replace(style, ""));
      const found = template.content, section = found.firstElementChild;
      for (const name of ["theme", "up"]) if (this.hasAttribute(name)) section.dataset[name] = this.getAttribute(name);
      this.#dress(found);
      const links = () => [...root.querySelectorAll("a,button,summary")], at = links().indexOf(root.activeElement);
      const open = root.querySelector("details[open]");
      const out = root.querySelector("output");
      if (out) out.replaceChildren(` ${this.#now} `, found);
      else root.replaceChildren(found);
      if (open) root.querySelector("details")?.setAttribute("open", "");
      if (at >= 0) links()[at]?.focus({ preventScroll: true });
      root.adoptedStyleSheets = [sheet(css), this.#own];
      this.#aged = false;
      this.age();
      if (root.querySelector(".tkr-f")) explore(root, this.#host, () => {
        if (live) root.querySelector(".tkr-e").click();
        root.querySelector(`[data-range="${range}"]:not([aria-current])`)?.click();
      });
    }
    // Parts for the page's style sheet; and the publisher's own names and addresses:
    // labels="wti: Crude; natgas: Gas" href="https://site.example/markets/{key}"
    #dress(found) {
      for (const part in PARTS) found.querySelectorAll(PARTS[part]).forEach((one) => one.part.add(part));
      const href = this.getAttribute("href"), labels = this.getAttribute("labels");
      for (const link of found.querySelectorAll("b>a,data>a")) {
        const key = link.href.match("/i/([^?]+)")?.[1];
        const label = labels?.match(`(?:^|;)\\s*${key}\\s*:([^;]+)`)?.[1].trim();
        if (label && link.parentNode.matches("b")) link.textContent = label;
        if (href === null || !key) continue;
        link.href = href.replaceAll("{key}", key);
        if (!href || !/^https?:/.test(link.protocol)) link.replaceWith(...link.childNodes);
      }
    }
    // Three hours after these figures were to be renewed, by the reader's clock, and were not, their day says so.
    age() {
      const root = this.shadowRoot, { stale, validUntil } = root.querySelector(".tkr")?.dataset || {};
      if (Date.now() - Date.parse(validUntil) > 3 * HOUR) root.querySelectorAll(".tkr-at").forEach((at) => {
        const said = (at.matches("small") ? "" : ", ") + stale;
        if (at.textContent !== said) at.textContent = said; // once: some screen readers tell every change
        this.#aged = true;
      });
    }
    failed() {
      const out = this.shadowRoot.querySelector("output");
      if (out && !out.querySelector(".tkr")) out.textContent = ` ${this.#now} —`;
    }

    // In a sentence the editor's number stays as it was written; it is a button, and the newest comes to stand beside it.
    #offer(next) {
      const root = this.shadowRoot;
      if (!root.querySelector("button")) {
        const button = document.createElement("button");
        button.part.add("now");
        button.append(root.firstChild);
        root.append(button, document.createElement("output"));
      }
      const [button, out] = root.children;
      const open = () => {
        out.textContent = ` ${this.#now} …`;
        this.feed = next;
        next.add(this);
      };
      button.title = this.#now = NOW[this.lang.slice(0, 2)] || "now";
      button.setAttribute("aria-expanded", !!this.feed);
      button.onclick = () => {
        const on = !this.feed;
        this.feed = this.feed?.drop(this);
        out.textContent = "";
        button.setAttribute("aria-expanded", on);
        if (on) open();
      };
      if (this.feed && this.feed !== next) { // what was asked for has changed
        this.feed.drop(this);
        open();
      }
    }
  }
  customElements.define(NAME, MarketTicker);
})();
