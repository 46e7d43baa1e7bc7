// Comforts; every page works without them.
"use strict";
(() => {
  const root = document.documentElement;
  const all = (what, where = document) => [...where.querySelectorAll(what)];
  root.classList.add("js");

  // --- theme: the system's, or the reader's choice ---
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const button = document.querySelector(".theme");
  const isDark = () => (root.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  const paint = () => {
    button.hidden = false;
    button.textContent = isDark() ? "Light" : "Dark";
    for (const source of all("picture source")) {
      source.media = root.dataset.theme ? (isDark() ? "all" : "not all") : "(prefers-color-scheme: dark)";
    }
  };
  const stored = (() => { try { return localStorage.getItem("theme"); } catch { return null; } })();
  if (stored === "dark" || stored === "light") root.dataset.theme = stored;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* private window */ }
    paint();
  });
  dark.addEventListener("change", paint);
  paint();

  // --- times in the reader's zone ---
  const two = (n) => String(n).padStart(2, "0");
  const local = (time) => {
    const at = new Date(time.dateTime);
    const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
    const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
    const forms = { minute: `${day} ${clock}`, day, clock };
    if (!isNaN(at)) time.textContent = forms[time.dataset.form] || forms.minute;
  };
  const localise = (where) => all("time[data-form]", where).forEach(local);
  localise(document);
  document.querySelector(".zone").textContent = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

  // --- live ---
  const live = document.querySelector("[data-live]");
  if (live && window.EventSource) {
    const cards = document.getElementById("cards");
    const news = new EventSource(live.dataset.live);
    live.hidden = false;
    live.textContent = "connecting";
    news.addEventListener("open", () => { live.textContent = "live"; live.classList.add("on"); });
    news.addEventListener("error", () => { live.textContent = "not live, trying again"; live.classList.remove("on"); });
    news.addEventListener("deal", (event) => {
      const { html } = JSON.parse(event.data);  // rendered and escaped by the server
      const made = new DOMParser().parseFromString(html, "text/html").querySelector(".card");
      document.getElementById(made.id)?.remove();
      document.querySelector("[data-empty]")?.remove();
      made.classList.add("fresh");
      localise(made);
      cards.prepend(made);
    });
    addEventListener("pagehide", () => news.close());
  }

  // --- keys ---
  const rows = () => all("[data-row]");
  const current = () => document.querySelector(".here");
  const go = (step) => {
    const found = rows();
    const next = found[Math.max(0, Math.min(found.length - 1, found.indexOf(current()) + step))];
    if (!next) return;
    current()?.classList.remove("here");
    next.classList.add("here");
    next.scrollIntoView({ block: "nearest" });
    if (next.tabIndex === -1 && next.hasAttribute("tabindex")) next.focus({ preventScroll: true });
  };
  const act = (key) => {
    const scope = current() || document.querySelector(".case, .sheet");
    const found = scope?.querySelector(`[data-key="${key}"]`);
    if (!found) return false;
    if (found.tagName === "FORM") { found.requestSubmit(); return true; }
    all("details[data-key]", scope).forEach((other) => { other.open = other === found && !found.open; });
    if (found.open) found.querySelector("input:not([type=hidden]), select, button")?.focus();
    return true;
  };
  const keys = document.querySelector("dialog.keys");
  const places = { t: "/", d: "/deals", r: "/review", a: "/alerts", s: "/sources", c: "/companies", i: "/investors" };
  let going = false;
  const typing = (target) => target.closest("input, select, textarea, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
    if (typing(event.target) || keys.open) return;
    const { key } = event;
    if (going) {
      going = false;
      if (places[key]) { location.href = places[key]; event.preventDefault(); return; }
    }
    if (key === "/") { document.querySelector(".find input").focus(); event.preventDefault(); }
    else if (key === "?") keys.showModal();
    else if (key === "g") going = true;
    else if (key === "j") go(1);
    else if (key === "k") go(-1);
    else if (key === "Enter" && current() && event.target.tagName !== "A" && event.target.tagName !== "BUTTON" && event.target.tagName !== "SUMMARY") {
      current().querySelector("th a, .figure a, h2 a, h3 a, td a")?.click();
    }
    else if ("cemsx".includes(key) && act(key)) event.preventDefault();
  });
  if (document.querySelector("[data-queue] [data-row]")) go(1);

  // --- a phone has no room for filters that nobody uses ---
  if (innerWidth < 640) all(".fold:not([data-used])").forEach((one) => { one.open = false; });

  // --- the sheet ---
  const print = document.querySelector(".print");
  if (print) { print.hidden = false; print.addEventListener("click", () => window.print()); }
})();
