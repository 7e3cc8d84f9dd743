// Says so when the server cannot be reached, and stops saying it when it can.
const banner = document.querySelector("[data-offline]");
const probe = "/livez";
const retryMilliseconds = 3000;
let timer;

const reachable = () => {
  clearTimeout(timer);
  banner.hidden = true;
};
const unreachable = () => {
  banner.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(async () => {
    try {
      (await fetch(probe, { cache: "no-store" })).ok ? reachable() : unreachable();
    } catch {
      unreachable();
    }
  }, retryMilliseconds);
};

if (banner) {
  window.addEventListener("offline", unreachable);
  window.addEventListener("online", reachable);
  document.addEventListener("chuzhi:unreachable", unreachable);
  document.addEventListener("htmx:error", (event) => {
    const { error } = event.detail;
    if (error instanceof TypeError || error?.name === "TimeoutError") unreachable();
  });
  document.addEventListener("htmx:after:request", reachable);
  if (!navigator.onLine) unreachable();
}
