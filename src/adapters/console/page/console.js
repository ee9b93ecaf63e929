// The page's only script: keeps the room up to date from a stream of server-sent events, sends what is pressed and typed, and rewrites
// times in the reader's zone. All markup of messages comes from the server, escaped; this file builds text nodes only.

const byId = (id) => document.getElementById(id);
const body = document.body;
const scroller = byId('scroller');
const room = byId('room');
const pill = byId('pill');
const banner = byId('banner');
const live = byId('live');
const composer = byId('composer');
const commandBox = byId('command');
const dialog = byId('dialog');

// ---- time: the bot's clock, which may be virtual and fast -------------------------------------------------------------------------

let clock = { now: Date.parse(body.dataset.now), rate: Number(body.dataset.rate), heard: performance.now() };
const now = () => clock.now + (performance.now() - clock.heard) * clock.rate;
const formats = {
  clock: new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' }),
  date: new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' }),
  day: new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' }),
  full: new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' }),
};

function ago(milliseconds) {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1440)} days ago`;
}

function localise(root) {
  for (const time of root.querySelectorAll('time[data-as]')) {
    const at = Date.parse(time.dateTime);
    const words = time.dataset.as === 'ago' ? ago(now() - at) : formats[time.dataset.as].format(at);
    if (time.textContent !== words) time.textContent = words;
  }
}

/** A line with the day's name before the first message of each day of the reader's zone. */
function divideDays() {
  for (const line of room.querySelectorAll(':scope > .day')) line.remove();
  let before = '';
  for (const entry of room.querySelectorAll(':scope > .entry')) {
    const day = formats.day.format(Date.parse(entry.querySelector('.byline time')?.dateTime ?? ''));
    if (day !== before) {
      const line = document.createElement('li');
      line.className = 'day';
      const words = document.createElement('span');
      words.textContent = day;
      line.append(words);
      entry.before(line);
    }
    before = day;
  }
}

// ---- changing a message in place ---------------------------------------------------------------------------------------------------

/**
 * Makes `from` equal to `to` and keeps every element that stays: the focus, a press that is under way and a picture survive an update.
 * Elements with a key are matched by it, others by their order.
 */
function morph(from, to) {
  for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  for (const { name } of [...from.attributes]) {
    const isOurs = from.dataset.busy !== undefined && (name === 'aria-disabled' || name === 'data-busy');
    if (!to.hasAttribute(name) && !isOurs) from.removeAttribute(name);
  }
  const keyed = new Map([...from.children].filter((child) => child.dataset.key).map((child) => [child.dataset.key, child]));
  let place = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const key = wanted.dataset?.key;
    const isAlike = place && !place.dataset?.key && !key && place.nodeName === wanted.nodeName;
    const match = key ? keyed.get(key) : isAlike ? place : undefined;
    if (key) keyed.delete(key);
    if (!match) {
      from.insertBefore(wanted, place);
      continue;
    }
    while (place && place !== match && !isWanted(place, keyed)) place = removed(place);
    if (place === match) place = place.nextSibling;
    else from.insertBefore(match, place);
    if (match.nodeType === Node.ELEMENT_NODE) morph(match, wanted);
    else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
  }
  while (place) place = removed(place);
}

const isWanted = (node, keyed) => node.dataset?.key !== undefined && keyed.has(node.dataset.key);

function removed(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

/** Server's markup as a fragment; parsing runs no script, and the page's policy forbids any that is not the page's own. */
function fragment(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  localise(template.content);
  return template.content;
}

const find = (id) => room.querySelector(`[data-message="${CSS.escape(id)}"]`);
const slotOf = (holder) => holder.querySelector(':scope > .slot');

function show(news) {
  const wasAtEnd = isAtEnd();
  const holder = find(news.id);
  if (holder) {
    change(holder, news);
  } else {
    const added = add(news);
    announce(news);
    arrive(added, news, wasAtEnd);
  }
}

function change(holder, news) {
  const slot = slotOf(holder);
  const focused = holder.contains(document.activeElement) ? document.activeElement : undefined;
  const spoke = slot.firstElementChild?.getAttribute('aria-label');
  const wanted = document.createElement('div');
  wanted.className = 'slot';
  wanted.append(fragment(news.html));
  const had = slot.innerHTML;
  morph(slot, wanted);
  // When what had the focus is gone, the message gets it, not its next button: an Enter too many would press that.
  if (focused && document.activeElement !== focused) (focused.isConnected ? focused : holder).focus({ preventScroll: true });
  if (slot.innerHTML === had) return;
  flash(slot);
  if (spoke !== slot.firstElementChild?.getAttribute('aria-label')) announce(news);
}

function flash(slot) {
  slot.classList.remove('changed');
  void slot.offsetWidth;
  slot.classList.add('changed');
}

function add(news) {
  const root = news.under ? find(news.under) : undefined;
  const made = byId(root ? 'reply' : 'entry').content.firstElementChild.cloneNode(true);
  made.dataset.message = news.id;
  made.dataset.order = news.order;
  slotOf(made).replaceChildren(fragment(news.html));
  if (root) {
    const thread = root.querySelector('.thread');
    place(thread.querySelector('ol'), made);
    count(thread);
    // A thread that somebody closed opens again only for what they must not miss.
    if (news.mention || news.severity || made.querySelector('.actions')) thread.open = true;
  } else {
    place(room, made);
    divideDays();
  }
  flash(slotOf(made));
  tellEmpty();
  return made;
}

function place(list, made) {
  const later = [...list.children].find((other) => Number(other.dataset.order) > Number(made.dataset.order));
  list.insertBefore(made, later ?? null);
}

function count(thread) {
  const replies = thread.querySelectorAll('.reply').length;
  thread.hidden = replies === 0;
  thread.querySelector('summary').textContent = replies === 1 ? '1 reply' : `${replies} replies`;
}

function drop(present) {
  const here = new Set(present);
  for (const holder of room.querySelectorAll('.entry, .reply')) {
    if (here.has(holder.dataset.message)) continue;
    const thread = holder.closest('.thread');
    holder.remove();
    if (thread?.isConnected) count(thread);
  }
  divideDays();
  tellEmpty();
}

function tellEmpty() {
  byId('empty').hidden = room.querySelector('.entry, .answer') !== null;
}

// ---- reading on: scrolling, the pill, the title, the screen reader ------------------------------------------------------------------

const isAtEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 90;
/** A page that moves while somebody aims at a button makes them press the wrong one. */
const isAiming = () => room.querySelector('button:hover, button:focus-visible') !== null;
let unseen = 0;
let pillTarget;
/** The pill leads to what waits for a decision, not to news. */
let isBeckoning = false;
/** The message whose button this reader pressed last: what its thread brings scrolls into view, until they look elsewhere themselves. */
let mine = { id: '', until: 0 };
const lookElsewhere = () => (mine = { id: '', until: 0 });
scroller.addEventListener('wheel', lookElsewhere, { passive: true });
scroller.addEventListener('touchmove', lookElsewhere, { passive: true });
commandBox.addEventListener('input', lookElsewhere);

function arrive(added, news, wasAtEnd) {
  if (document.hidden) {
    unseen++;
    tellTitle();
  }
  const isMine = news.under === mine.id && performance.now() < mine.until;
  if (isMine || (wasAtEnd && !isAiming() && !pushesAway(added, news))) return bring(added);
  if (isInView(added)) return;
  pillTarget = added;
  isBeckoning = false;
  const isAbove = added.getBoundingClientRect().top < scroller.getBoundingClientRect().top;
  pill.textContent = `${isAbove ? '↑' : '↓'} ${news.says}`;
  pill.className = `pill ${news.severity ?? ''}`;
  pill.hidden = false;
}

/** A loud card that waits for somebody stays in view; what is calmer and asks for nothing waits below, behind the pill. */
function pushesAway(added, { severity, mention }) {
  if (severity === 'critical' || severity === 'high' || mention || added.querySelector('.actions')) return false;
  return [...room.querySelectorAll(':is(.card.critical, .card.high):has(.actions)')].some((card) =>
    isInView(card.querySelector('.actions')),
  );
}

/** What waits for a decision and is out of sight gets a way to it, when the pill has no news to tell. */
function beckon() {
  if (!pill.hidden && !isBeckoning) return;
  const waiting = [...room.querySelectorAll(':is(.card.critical, .card.high, .reply .card) > .actions:has(button.danger)')];
  const target = waiting.findLast((actions) => actions.closest('.reply')) ?? waiting.at(-1);
  if (!target || waiting.some(isInView)) {
    if (isBeckoning) pill.hidden = true;
    isBeckoning = false;
    return;
  }
  isBeckoning = true;
  pillTarget = target.closest('.reply, .entry');
  const isAbove = target.getBoundingClientRect().top < scroller.getBoundingClientRect().top;
  const words = `${isAbove ? '↑' : '↓'} Waits for a decision: ${target.parentElement.querySelector('h3')?.textContent ?? ''}`;
  if (pill.textContent !== words) pill.textContent = words;
  pill.className = 'pill';
  pill.hidden = false;
}

function bring(holder) {
  const isTall = holder.offsetHeight > scroller.clientHeight * 0.9;
  holder.scrollIntoView({ block: isTall ? 'start' : 'end', behavior: calm.matches ? 'auto' : 'smooth' });
}

function isInView(holder) {
  const [its, ours] = [holder.getBoundingClientRect(), scroller.getBoundingClientRect()];
  return its.top >= ours.top - 4 && its.bottom <= ours.bottom + 4;
}

const calm = matchMedia('(prefers-reduced-motion: reduce)');
const title = document.title;

function tellTitle() {
  document.title = unseen > 0 ? `(${unseen}) ${title}` : title;
}

function announce({ says, severity, mention }) {
  const region = byId(severity === 'critical' || mention ? 'assertive' : 'polite');
  const line = document.createElement('p');
  line.textContent = says;
  region.append(line);
  // Spoken by then; left standing, it would be read a second time by whoever goes through the page.
  setTimeout(() => line.remove(), 5000);
}

pill.addEventListener('click', () => {
  pill.hidden = true;
  if (!pillTarget?.isConnected) return;
  if (isBeckoning)
    pillTarget.querySelector(':scope > .slot').scrollIntoView({ block: 'nearest', behavior: calm.matches ? 'auto' : 'smooth' });
  else bring(pillTarget);
  isBeckoning = false;
  pillTarget.focus({ preventScroll: true });
});
scroller.addEventListener('scroll', () => {
  if (!pill.hidden && !isBeckoning && pillTarget && (isInView(pillTarget) || isAtEnd())) pill.hidden = true;
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  unseen = 0;
  tellTitle();
});
for (const skip of document.querySelectorAll('.skip')) {
  skip.addEventListener('click', (event) => {
    event.preventDefault();
    const target =
      skip.hash === '#newest' ? ([...room.querySelectorAll(':scope > .entry, :scope > .answer')].at(-1) ?? scroller) : commandBox;
    target.focus();
    target.scrollIntoView({ block: 'nearest' });
  });
}

// ---- the line to the server ----------------------------------------------------------------------------------------------------------

const lostAfterMs = 40_000;
let source;
let position = body.dataset.position;
let lastHeard = performance.now();
let isGone = false;
let tries = 0;

function connect() {
  source?.close();
  source = new EventSource(`/events?after=${encodeURIComponent(position)}`);
  source.onopen = () => {
    tries = 0;
    heard();
  };
  source.onerror = () => {
    lost();
    // The browser tries again by itself, unless the server refused.
    if (source.readyState === EventSource.CLOSED) void askWhy();
  };
  source.addEventListener('here', (event) => {
    heard();
    drop(JSON.parse(event.data));
  });
  source.addEventListener('message', (event) => {
    heard();
    if (event.lastEventId) position = event.lastEventId;
    show(JSON.parse(event.data));
  });
  source.addEventListener('beat', (event) => {
    heard();
    const beat = JSON.parse(event.data);
    clock = { now: Date.parse(beat.now), rate: beat.rate, heard: performance.now() };
    tellDemo(beat.demo);
  });
  source.addEventListener('bye', loggedOut);
}

function heard() {
  lastHeard = performance.now();
  if (isGone) return;
  live.dataset.state = 'live';
  live.querySelector('.word').textContent = 'Live';
  banner.hidden = true;
}

function lost() {
  if (isGone) return;
  live.dataset.state = 'lost';
  live.querySelector('.word').textContent = 'Not connected';
  say('Connection to Cloudwarden lost. What you see may be old. Trying again by itself.');
}

function loggedOut() {
  isGone = true;
  source?.close();
  live.dataset.state = 'lost';
  live.querySelector('.word').textContent = 'Logged out';
  say('You are logged out. On the machine Cloudwarden runs on, ask for a new link with: bin/cloudwarden login');
}

function say(text) {
  if (banner.textContent !== text) banner.textContent = text;
  banner.hidden = false;
}

async function askWhy() {
  const answer = await fetch('/', { method: 'HEAD', cache: 'no-store' }).catch(() => undefined);
  if (answer?.status === 401) return loggedOut();
  tries++;
  setTimeout(connect, Math.min(500 * 2 ** tries, 10_000));
}

setInterval(() => {
  localise(room);
  tellClock();
  beckon();
  if (performance.now() - lastHeard > lostAfterMs && !isGone) {
    lost();
    lastHeard = performance.now();
    connect();
  }
}, 1000);

/** Sends something; throws in plain words when it is not known to have arrived. */
async function send(path, content) {
  let answer;
  try {
    answer = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': body.dataset.csrf },
      body: JSON.stringify(content),
    });
  } catch {
    throw new Error('Cloudwarden did not answer. It may or may not have received this: look at the card before you press again.');
  }
  if (answer.status === 401) {
    loggedOut();
    throw new Error('You are logged out; nothing was done.');
  }
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

const newId = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

// ---- pressing ------------------------------------------------------------------------------------------------------------------------

room.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (button?.dataset.button) void press(button);
  if (button?.dataset.dismiss !== undefined) dismiss(button);
});

async function press(button) {
  if (button.dataset.busy !== undefined) return;
  const what = { button: button.dataset.button, message: button.closest('[data-message]').dataset.message };
  const entry = button.closest('.entry, .answer');
  if (entry.dataset.message) mine = { id: entry.dataset.message, until: performance.now() + 5 * 60_000 };
  busy(button, true);
  try {
    const reply = await send('/press', { id: newId(), ...what });
    if (reply.form) return openForm(reply.form, what, entry, button);
    if (reply.answer) showAnswer(entry.querySelector('.asides') ?? entry, reply);
  } catch (error) {
    complain(entry.querySelector('.asides') ?? entry, error.message);
  } finally {
    busy(button, false);
  }
}

/** Not `disabled`, which would take the focus away. */
function busy(button, is) {
  if (is) {
    button.dataset.busy = '';
    button.setAttribute('aria-disabled', 'true');
  } else {
    delete button.dataset.busy;
    button.removeAttribute('aria-disabled');
  }
}

function openForm(html, what, entry, opener) {
  dialog.replaceChildren(fragment(html));
  const form = dialog.querySelector('form');
  form.querySelector('[data-cancel]').addEventListener('click', () => dialog.close());
  dialog.onclose = () => (opener.isConnected ? opener : entry).focus();
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const submit = form.querySelector('[type=submit]');
    if (submit.dataset.busy !== undefined) return;
    busy(submit, true);
    try {
      const reply = await send('/press', { id: newId(), ...what, values: Object.fromEntries(new FormData(form)) });
      if (reply.wrong) return correct(form, reply.wrong);
      dialog.close();
      if (reply.answer) showAnswer(entry.querySelector('.asides') ?? entry, reply);
    } catch (error) {
      form.querySelector('[data-wrong=""]').textContent = error.message;
    } finally {
      busy(submit, false);
    }
  });
  dialog.showModal();
}

function correct(form, wrong) {
  for (const place of form.querySelectorAll('[data-wrong]')) {
    const name = place.dataset.wrong;
    if (!name) continue;
    place.textContent = wrong[name] ?? '';
    form.elements.namedItem(name)?.setAttribute('aria-invalid', String(name in wrong));
  }
  form.elements.namedItem(Object.keys(wrong)[0])?.focus();
}

function showAnswer(place, reply) {
  const answer = fragment(reply.answer).firstElementChild;
  place.append(answer);
  flash(answer);
  answer.scrollIntoView({ block: 'nearest', behavior: calm.matches ? 'auto' : 'smooth' });
  announce({ says: `Only visible to you: ${reply.says}` });
}

function complain(place, text) {
  const line = document.createElement('p');
  line.className = 'private failed';
  line.textContent = text;
  place.append(line);
  line.scrollIntoView({ block: 'nearest' });
  announce({ says: text, mention: true });
}

function dismiss(button) {
  const entry = button.closest('.entry, .answer');
  button.closest('.private').remove();
  if (!entry.classList.contains('answer')) return entry.focus({ preventScroll: true });
  entry.remove();
  tellEmpty();
  commandBox.focus();
}

// ---- typing --------------------------------------------------------------------------------------------------------------------------

const typed = [];
let recalled = 0;

composer.addEventListener('submit', async (event) => {
  event.preventDefault();
  const text = commandBox.value.trim();
  if (text === '') return commandBox.focus();
  typed.push(text);
  recalled = typed.length;
  commandBox.value = '';
  const answer = document.createElement('li');
  answer.className = 'answer';
  answer.tabIndex = -1;
  const echo = document.createElement('p');
  echo.className = 'echo';
  echo.append(
    'You typed ',
    Object.assign(document.createElement('code'), { textContent: /^\/?warden\b/i.test(text) ? text : `/warden ${text}` }),
  );
  answer.append(echo);
  room.append(answer);
  tellEmpty();
  answer.dataset.state = 'waiting';
  bring(answer);
  try {
    const reply = await send('/command', { id: newId(), text });
    if (reply.answer) showAnswer(answer, reply);
    else answer.remove();
  } catch (error) {
    complain(answer, error.message);
  } finally {
    delete answer.dataset.state;
    tellEmpty();
  }
});

commandBox.addEventListener('keydown', (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || typed.length === 0) return;
  event.preventDefault();
  recalled = Math.max(0, Math.min(typed.length, recalled + step));
  commandBox.value = typed[recalled] ?? '';
});

// ---- the demo's bar -------------------------------------------------------------------------------------------------------------------

const pause = byId('demo-pause');
const speed = byId('demo-speed');

function tellDemo(state) {
  if (!state || !pause) return;
  const label = byId('demo-label');
  if (label.textContent !== state.label) label.textContent = state.label;
  pause.textContent = state.paused ? 'Go on' : 'Pause';
  pause.setAttribute('aria-pressed', String(state.paused));
  if (![...speed.options].some((option) => option.value === String(state.speed)))
    speed.add(new Option(`${state.speed}×`, String(state.speed)));
  if (document.activeElement !== speed) speed.value = String(state.speed);
  tellClock();
}

function tellClock() {
  const place = byId('demo-clock');
  if (place) place.textContent = formats.full.format(now());
}

async function control(what) {
  try {
    await send('/demo', what);
  } catch (error) {
    say(error.message);
  }
}

pause?.addEventListener('click', () => control({ do: pause.getAttribute('aria-pressed') === 'true' ? 'resume' : 'pause' }));
speed?.addEventListener('change', () => control({ do: 'speed', speed: Number(speed.value) }));

// ---- begin -----------------------------------------------------------------------------------------------------------------------------

localise(document);
divideDays();
tellEmpty();
tellClock();
scroller.scrollTop = scroller.scrollHeight;
connect();
