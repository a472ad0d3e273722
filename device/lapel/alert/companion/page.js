"use strict";
// The officer's page: shows what the device sends, whole, each time it changes; text only, never markup.
const SECRET = document.querySelector('meta[name="lapel-page"]').content;
const LOST_MS = 5000, PATIENCE_MS = 8000, TOLD_MS = 30000, STARTING_MS = 120000, TWICE_MS = 10000;
const $ = (id) => document.getElementById(id);
const DOWN = $("down").textContent, NOT_UNLOCKED = "NOT UNLOCKED";
let view = null, source = null, began = 0, heard = Date.now(), cameAt = 0;
let shown = "", reopened = "", drawn = "", answered = null, told = 0, unlocked = { at: -Infinity, key: "" };
// What has no record takes no answer: that it was seen is known to this phone alone.
const later = new Set(), announced = new Set(), seen = new Set();

function element(tag, text, name) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (name) made.className = name;
  return made;
}

function button(text, label, act) {
  const made = element("button", text);
  made.type = "button";
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

async function send(path, what, otherwise = "NOT RECORDED") {
  const failed = (text) => { $("failed").textContent = text; $("failed").hidden = !text; };
  try {
    const options = { method: "POST", headers: { "X-Lapel-Page": SECRET }, body: JSON.stringify(what),
      signal: AbortSignal.timeout(PATIENCE_MS) };
    const reply = await fetch(path, options);
    if (reply.status === 401) { location.reload(); return false; }
    const trouble = (await reply.json()).trouble;
    failed(trouble ? `${otherwise}: ${trouble}` : "");
    return !trouble;
  } catch (error) {
    failed(`${otherwise}: no contact with the device. Say it again once it is back.`);
    return false;
  }
}

function logged(alert) { return view.log.find((line) => line.alert === alert); }

// Alerts that wait, newest first: those in hand, and earlier ones of this shift.
function waiting() {
  const held = new Set(view.cards.map((card) => card.alert));
  const older = view.log.filter((line) => !held.has(line.alert)).map((line) => ({
    alert: line.alert, title: line.title, check: "", lines: [{ name: "Seen", text: "earlier; why it is listed is held no more" }],
    at_s: line.at_s, has_listed: false, has_straight: false, has_seen: line.has_seen }));
  return [...view.cards, ...older].sort((one, other) => other.at_s - one.at_s);
}

function isOpen(card) {
  const line = logged(card.alert);
  return card.alert === reopened || !(line ? line.answer || line.state : seen.has(card.alert));
}

function clock(at_s) {
  const ago = Math.max(0, view.now_s + (Date.now() - cameAt) / 1000 - at_s);
  const time = new Date(at_s * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  if (ago < 90) return `${time}, now`;
  return ago < 5400 ? `${time}, ${Math.round(ago / 60)} minutes ago` : `${time}, ${Math.round(ago / 3600)} hours ago`;
}

function figure(card, which, has, name, alternative) {
  const made = element("figure");
  if (has) {
    const image = element("img");
    image.src = `/picture/${which}/${encodeURIComponent(card.alert)}`;
    image.alt = `${alternative}: ${card.title}`;
    made.append(image);
  } else made.append(element("div", "No picture", "none"));
  made.append(element("figcaption", name));
  return made;
}

function rows(lines) {
  return lines.flatMap((line) => [element("dt", line.name), element("dd", line.text, line.is_bad ? "alarm" : "")]);
}

function drawAlert(cards) {
  const open = cards.filter(isOpen), here = open.find((card) => card.alert === shown);
  // What is shown stays until it is answered: a new alert must not slip under a finger.
  const card = here || open.find((each) => !later.has(each.alert)) || open[0];
  $("alert").hidden = !card;
  $("none").hidden = Boolean(card);
  if (!card) { shown = drawn = ""; return; }
  const line = logged(card.alert), others = open.length - 1;
  const as = JSON.stringify([card, line, others]);
  if (as === drawn) return;
  const isNew = card.alert !== shown;
  shown = card.alert;
  drawn = as;
  $("title").textContent = card.title;
  $("when").textContent = clock(card.at_s) + (others ? `; ${others} more to check` : "");
  $("check").hidden = !card.check;
  $("check-text").textContent = card.check;
  if (isNew) $("pictures").replaceChildren(
    figure(card, "listed", card.has_listed, "Listed", "Reference picture of the listed thing"),
    ...(card.has_straight ? [figure(card, "straight", true, "Seen, laid on it", "What was seen, laid straight on the listed picture")] : []),
    figure(card, "seen", card.has_seen, card.has_straight ? "Seen; line: the listed picture's border" : "Seen", "What the camera saw, possibly"));
  $("facts").replaceChildren(...rows(card.lines));
  for (const each of document.querySelectorAll(".answers [data-answer]")) each.hidden = !line;
  $("mute").hidden = !line;
  $("later").hidden = !others;
  $("seen").hidden = Boolean(line);
}

function drawLog() {
  $("log").replaceChildren(...view.log.map((line) => {
    const item = element("li"), row = element("div", undefined, "row");
    item.append(element("strong", line.title), element("p", clock(line.at_s)));
    item.append(element("p", [line.answer ? `Answered: ${line.answer}` : "Not answered", line.state].filter(Boolean).join("; ")));
    row.append(button("Open", `Open: ${line.title}`, () => open(line.alert)));
    if (line.is_muted) row.append(button("Hear again", `Hear again: ${line.title}`, () =>
      send("/mute", { alert: line.alert, outcome: "lifted" })));
    item.append(row);
    return item;
  }));
  $("log-none").hidden = view.log.length > 0;
}

function drawState() {
  const bad = view.state.filter((line) => line.is_bad);
  $("state").replaceChildren(...rows(view.state));
  $("bad").textContent = bad.map((line) => `${line.name}: ${line.text}`).join("; ");
  $("bad").hidden = !bad.length;
  $("silence").textContent = view.silence && `WATCHLIST SILENCED. ${view.silence}`;
  $("silence").hidden = !view.silence;
  $("notices").replaceChildren(...view.notices.map((text) => element("li", text)));
}

function announce(cards) {
  for (const card of cards) {
    if (announced.has(card.alert)) continue;
    announced.add(card.alert);
    if (!isOpen(card)) continue;
    $("live").textContent = `Possible match to check: ${card.title}. ${card.check ? `Check: ${card.check}` : ""}`;
    if (navigator.vibrate) navigator.vibrate([300, 100, 300]);
  }
}

// Only the lookout can open it: whatever carries it sees no passphrase (store/envelope.py).
async function sealed(key, text) {
  const theirs = Uint8Array.from(atob(key), (each) => each.charCodeAt(0)), curve = { name: "ECDH", namedCurve: "P-256" };
  const subtle = crypto.subtle, ours = await subtle.generateKey(curve, false, ["deriveBits"]);
  const other = await subtle.importKey("raw", theirs, curve, false, []);
  const shared = await subtle.deriveBits({ name: "ECDH", public: other }, ours.privateKey, 256);
  const point = new Uint8Array(await subtle.exportKey("raw", ours.publicKey));
  const info = new Uint8Array([...new TextEncoder().encode("lapel passphrase"), ...theirs]);
  const secret = await subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const cipher = await subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt: point, info }, secret,
    { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const box = await subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array(12) }, cipher, text);
  const written = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return { point: written(point), box: written(box) };
}

async function unlock() {
  const text = new TextEncoder().encode($("passphrase").value.normalize("NFC"));
  $("passphrase").value = "";
  reveal(false);
  const key = view.locked.key, what = await sealed(key, text);
  text.fill(0);
  if (await send("/unlock", what, NOT_UNLOCKED)) unlocked = { at: Date.now(), key };
  draw();
}

function reveal(is) {
  $("passphrase").type = is ? "text" : "password";
  $("reveal").setAttribute("aria-pressed", String(is));
  $("reveal").textContent = is ? "Hide it" : "Show it";
}

async function lock() {
  if ($("lock").dataset.asked !== "yes") {
    $("lock").dataset.asked = "yes";
    $("lock").textContent = "Tap again to lock: nothing is looked for then";
    setTimeout(unasked, TWICE_MS);
    return;
  }
  unasked();
  await send("/lock", {}, "LOCKED");
}

function unasked() {
  $("lock").dataset.asked = "";
  $("lock").textContent = "Lock the device";
}

function drawLocked(locked) {
  const was = $("locked").hidden, left = Math.ceil(locked.wait_s - (Date.now() - cameAt) / 1000);
  $("locked").hidden = false;
  $("unlock-now").disabled = left > 0;
  $("unlock-now").textContent = left > 0 ? `Wait ${left} seconds` : "Unlock";
  $("wrong").textContent = locked.wrong ? `Wrong so far: ${locked.wrong}; each is recorded.` : "";
  if (was) $("locked-title").focus();
  if (was && navigator.vibrate) navigator.vibrate([300, 100, 900]);
}

function draw() {
  const isDown = view !== null && (view.version === -1 || Boolean(view.waits)), isLocked = Boolean(view && view.locked);
  // With another key it is another start, which is locked again.
  const isStarting = ((isDown && !view.waits) || (isLocked && view.locked.key === unlocked.key)) && Date.now() - unlocked.at < STARTING_MS;
  $("starting").hidden = !isStarting;
  const said = (view && view.waits) || DOWN;
  if ($("down").textContent !== said) $("down").textContent = said;
  $("down").hidden = !isDown || isStarting;
  $("whole").hidden = view === null || isDown || isLocked;
  $("lock").hidden = !(view && view.is_lockable);
  if (isLocked && !isStarting) drawLocked(view.locked);
  else $("locked").hidden = true;
  if (view === null || isDown || isLocked) return;
  unlocked.at = -Infinity;
  if ($("failed").textContent.startsWith(NOT_UNLOCKED)) $("failed").hidden = true;
  const cards = waiting();
  drawAlert(cards);
  announce(cards);
  drawLog();
  drawState();
}

function open(alert) {
  [reopened, shown] = [alert, alert];
  drawn = "";
  draw();
  $("title").focus();
  window.scrollTo(0, 0);
}

async function say(answer) {
  const alert = shown, title = $("title").textContent;
  if (!(await send("/answer", { alert, answer }))) return;
  [answered, reopened] = [alert, ""];
  const line = logged(alert);
  if (line) line.answer = answer;
  $("said-text").textContent = `${title}: ${answer}. On record.`;
  $("said").hidden = false;
  clearTimeout(told);
  told = setTimeout(() => { $("said").hidden = true; }, TOLD_MS);
  drawNext();
}

function drawNext() {
  draw();
  ($("alert").hidden ? $("none-title") : $("title")).focus();
  window.scrollTo(0, 0);
}

function lost() {
  const silent = Date.now() - heard;
  $("lost").hidden = silent < LOST_MS;
  $("lost-for").textContent = `For ${Math.round(silent / 1000)} seconds.`;
  if (silent > LOST_MS && Date.now() - began > PATIENCE_MS) connect();
}

async function look() {
  try {
    const text = await (await fetch("/", { cache: "no-store" })).text();
    if (text.includes('name="lapel-page"')) connect(); else location.reload();
  } catch (error) { /* still away: asked again in a second */ }
}

function connect() {
  if (source) source.close();
  [source, began] = [new EventSource("/events"), Date.now()];
  const alive = () => { heard = Date.now(); lost(); };
  source.addEventListener("beat", alive);
  source.addEventListener("gone", () => location.reload());
  source.addEventListener("view", (event) => {
    alive();
    [view, cameAt] = [JSON.parse(event.data), Date.now()];
    draw();
  });
}

for (const each of document.querySelectorAll("[data-answer]"))
  each.addEventListener("click", () => say(each.dataset.answer));
$("later").addEventListener("click", () => { later.add(shown); shown = drawn = ""; draw(); $("title").focus(); });
$("seen").addEventListener("click", () => { seen.add(shown); reopened = ""; drawNext(); });
$("mute").addEventListener("click", () => send("/mute", { alert: shown, outcome: "muted" }));
$("change").addEventListener("click", () => { $("said").hidden = true; open(answered); });
$("unlock").addEventListener("submit", (event) => { event.preventDefault(); unlock(); });
$("reveal").addEventListener("click", () => reveal($("passphrase").type === "password"));
$("lock").addEventListener("click", lock);
$("leave").addEventListener("click", async () => { if (await send("/leave", {})) location.reload(); });
connect();
setInterval(() => {
  lost();
  if (view && (view.locked || view.version === -1)) draw();
  if (source.readyState === EventSource.CLOSED) look();
}, 1000);
