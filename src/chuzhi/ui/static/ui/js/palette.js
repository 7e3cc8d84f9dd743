// Ctrl-K or ⌘K, from anywhere. What the page offers is filtered here; the rest is asked of data-search, which answers options as HTML.
const palette = document.querySelector("dialog[data-palette]");

if (palette) {
  const query = palette.querySelector("[data-palette-query]");
  const found = palette.querySelector("[data-palette-found]");
  const none = palette.querySelector("[data-palette-none]");
  const pauseMilliseconds = 120;
  let timer, asking;

  const options = () => [...palette.querySelectorAll("[role=option]:not([hidden])")];
  const chosen = () => palette.querySelector("[role=option][aria-selected=true]");
  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) {
      option.id ||= `palette-option-${Math.random().toString(36).slice(2)}`;
      query.setAttribute("aria-activedescendant", option.id);
    } else query.removeAttribute("aria-activedescendant");
  };
  const settle = () => {
    none.hidden = options().length > 0;
    choose(options()[0]);
  };
  const narrow = () => {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const option of palette.querySelectorAll("[data-words]")) {
      const text = option.dataset.words.toLowerCase();
      option.hidden = !words.every((word) => text.includes(word));
    }
    for (const heading of palette.querySelectorAll("[data-palette-results] > .menu-heading")) heading.hidden = words.length > 0;
    settle();
  };
  const ask = async () => {
    asking?.abort();
    if (!palette.dataset.search || !query.value.trim()) {
      found.replaceChildren();
      return settle();
    }
    asking = new AbortController();
    const address = new URL(palette.dataset.search, location.href);
    address.searchParams.set("q", query.value);
    try {
      const response = await fetch(address, { signal: asking.signal, headers: { "HX-Request": "true" } });
      if (response.ok) found.innerHTML = await response.text();
      settle();
    } catch (fault) {
      if (fault.name !== "AbortError") document.dispatchEvent(new CustomEvent("chuzhi:unreachable"));
    }
  };
  const open = () => {
    if (palette.open) return query.select();
    query.value = "";
    found.replaceChildren();
    palette.showModal();
    narrow();
    query.focus();
  };

  query.addEventListener("input", () => {
    narrow();
    clearTimeout(timer);
    timer = setTimeout(ask, pauseMilliseconds);
  });
  query.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options();
    const at = all.indexOf(chosen());
    if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
    else if (event.key === "ArrowUp") choose(all[(at - 1 + all.length) % all.length]);
    else if (event.key === "Enter") chosen()?.click();
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("click", (event) => event.target.closest("[data-palette-open]") && open());
}
