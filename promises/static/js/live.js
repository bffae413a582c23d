// A live region: fetched again every few seconds and swapped in, so that a board shows what others have done.
// It waits while the page is hidden, while a press is on its way, and while a dialog inside it is open.
const live = document.querySelector("[data-live]");

async function refresh() {
  if (document.hidden || document.querySelector("form[data-sent]") || live.querySelector(":popover-open")) return;
  const answer = await fetch(location.href, { headers: { "X-Requested-With": "live" }, redirect: "error" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-live]");
  if (!fresh || fresh.innerHTML === live.innerHTML || document.querySelector("form[data-sent]")) return;
  const held = document.activeElement?.closest("[data-live]") ? document.activeElement.dataset.key : undefined;
  live.replaceChildren(...fresh.childNodes);
  live.dataset.live = fresh.dataset.live; // 0: there is nothing more to wait for
  if (held) live.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus();
  document.dispatchEvent(new Event("rows-changed"));
}

if (live) {
  const again = () => Number(live.dataset.live) && refresh().catch(() => {}); // without a connection the page stays as it is and tries again
  setInterval(again, 1000 * Number(live.dataset.live));
  document.addEventListener("visibilitychange", again);
}
