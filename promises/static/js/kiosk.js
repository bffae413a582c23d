// The kiosk: a touch that finds no connection says so instead of leaving the page, and may be repeated, as the
// same touch gives the same ticket. A ticket that nobody looks at any more makes room for the next customer.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.closest("main") || form.method !== "post") return;
  event.preventDefault();
  if (document.querySelector("form[data-sent]")) return;
  form.dataset.sent = "yes";
  const button = event.submitter;
  button?.setAttribute("aria-busy", "true");
  const failed = document.querySelector("[data-failed]");
  if (failed) failed.hidden = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
    if (!answer.redirected) throw new Error(answer.statusText);
    location.replace(answer.url);
  } catch {
    if (failed) failed.hidden = false;
    delete form.dataset.sent;
    button?.removeAttribute("aria-busy");
  }
}, true);

const handed = document.querySelector("[data-home]");
if (handed) {
  let left = Number(handed.dataset.after);
  for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, () => { left = Number(handed.dataset.after); });
  setInterval(() => { if ((left -= 1) === 0) location.replace(handed.dataset.home); }, 1000);
}

// A page that the browser kept is an old customer's: the next one gets a fresh one.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
