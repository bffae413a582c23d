// Function keys that press a button of the page: F2 for whatever comes next at the desk.
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.repeat || document.querySelector(":popover-open")) return;
  const button = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
