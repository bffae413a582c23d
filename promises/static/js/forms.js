// Comforts of forms: an error summary that is read out, a drop area for files, a scale that follows the keys.
const summary = document.querySelector("[data-errors]");
if (summary) {
  summary.focus();
  document.title = `${summary.dataset.errors} ${document.title}`;
}

for (const drop of document.querySelectorAll("[data-drop]")) {
  const input = drop.querySelector("input[type=file]");
  const over = (on) => (event) => {
    event.preventDefault();
    drop.classList.toggle("over", on);
  };
  drop.addEventListener("dragover", over(true));
  drop.addEventListener("dragleave", over(false));
  drop.addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer.files.length === 0) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// Buttons that open or close a menu or a dialog work by themselves through popovertarget.
// A press on a button inside a dialog that says data-closes closes it and gives the focus back.
document.addEventListener("click", (event) => {
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("[popover]")?.hidePopover();
});

document.querySelector("[popover][data-opened]")?.showPopover();

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
