// Time left, ticking: 2 d 5 h → 4:12 → 0:00 → 0:45 over. The server says when it is due and what its own clock shows,
// so that a kiosk with a wrong clock still tells the right time.
// Counted from the clock and not from ticks, it is right again at once after a sleep.
const body = document.body;
let skew = 0;
let told;

function listen() {
  if (body.dataset.now && body.dataset.now !== told) skew = Date.parse((told = body.dataset.now)) - Date.now();
}

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
    const shown = words.replace("{time}", spoken(seconds, left.dataset.days));
    if (text.textContent !== shown) text.textContent = shown;
    if (left.dataset.state !== state) left.dataset.state = state;
  }
  for (const clock of document.querySelectorAll("[data-clock]")) {
    const zone = clock.dataset.clock || undefined;
    clock.textContent = new Date(now).toLocaleTimeString(document.documentElement.lang === "fi" ? "fi-FI" : "en-GB",
      { hour: "2-digit", minute: "2-digit", timeZone: zone });
  }
}

if (document.querySelector("[data-due], [data-clock], [data-live]")) {
  listen();
  tick();
  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", tick);
}
// A live board that swaps rows in asks for the next tick at once, and has heard the server's clock anew.
document.addEventListener("rows-changed", () => {
  listen();
  tick();
});
