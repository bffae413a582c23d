// Time left, ticking: 2 d 5 h → 4:12 → 0:00 → 0:45 over. The server says when it is due and what its own clock shows,
// so that a kiosk with a wrong clock still tells the right time.
const body = document.body;
const skew = body.dataset.now ? Date.parse(body.dataset.now) - Date.now() : 0;

function spoken(seconds, days) {
  const whole = Math.floor(Math.abs(seconds));
  if (whole >= 86400) return days.replace("{days}", Math.floor(whole / 86400)).replace("{hours}", Math.floor(whole / 3600) % 24);
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function tick() {
  const now = Date.now() + skew;
  for (const left of document.querySelectorAll("[data-due]")) {
    const seconds = (Date.parse(left.dataset.due) - now) / 1000;
    const soon = (Date.parse(left.dataset.warn || left.dataset.due) - now) / 1000;
    const state = seconds <= 0 ? "over" : soon <= 0 ? "soon" : "fine";
    const text = left.querySelector("[data-text]");
    const words = seconds <= 0 ? left.dataset.over : left.dataset.left;
    const told = words.replace("{time}", spoken(seconds, left.dataset.days));
    if (text.textContent !== told) text.textContent = told;
    if (left.dataset.state !== state) left.dataset.state = state;
  }
  for (const clock of document.querySelectorAll("[data-clock]")) {
    const zone = clock.dataset.clock || undefined;
    clock.textContent = new Date(now).toLocaleTimeString(document.documentElement.lang === "fi" ? "fi-FI" : "en-GB",
      { hour: "2-digit", minute: "2-digit", timeZone: zone });
  }
}

if (document.querySelector("[data-due], [data-clock]")) {
  tick();
  setInterval(tick, 1000);
}
// A live board that swaps rows in asks for the next tick at once.
document.addEventListener("rows-changed", tick);
