// Colours and the size of the text change at once and are remembered by cookie; without this module the forms do the same by reloading.
const year = 365 * 24 * 60 * 60;
const looks = {
  theme: { usual: "system", drawn: (chosen) => `chuzhi-${chosen}` },
  text: { usual: "normal", drawn: (chosen) => chosen },
};

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-switch], [data-text-switch]");
  if (!form || !event.submitter) return;
  event.preventDefault();
  const { name, value } = event.submitter;
  const isUsual = value === looks[name].usual;
  if (isUsual) delete document.documentElement.dataset[name];
  else document.documentElement.dataset[name] = looks[name].drawn(value);
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${isUsual ? "" : value}; path=/; max-age=${isUsual ? 0 : year}; samesite=lax${secure}`;
  for (const button of document.querySelectorAll(`[data-${name}-switch] [name=${name}]`)) {
    button.setAttribute("aria-pressed", String(button.value === value));
  }
});
