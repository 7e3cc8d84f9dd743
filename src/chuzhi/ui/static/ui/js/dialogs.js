// data-opens="id" opens a dialog; a click on its backdrop or data-dialog-close closes it. The browser keeps and returns the focus.
const open = (dialog) => dialog && !dialog.open && dialog.showModal();

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) open(document.getElementById(opener.dataset.opens));
  if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog").close();
  if (event.target.matches("dialog[data-dialog], dialog[data-palette]")) event.target.close();
  if (event.target.closest("[data-print]")) window.print();
});

const openNow = () => document.querySelectorAll("dialog[data-open-now]").forEach(open);
openNow();
document.addEventListener("htmx:after:settle", openNow);

document.addEventListener("click", (event) => event.target.closest("[data-reload]") && location.reload());
