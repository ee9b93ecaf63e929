/** The pages as HTML: the room, the log-in, and what somebody without a session gets to see. Pure. */
import { html } from 'hono/html';
import type { Message } from '../../bot/message.ts';
import type { Time } from '../../checks/observation.ts';
import type { LinkState } from './login.ts';
import { type Html, plain, renderMessage, renderTime, type Sight, severityLook } from './render.ts';
import type { Posted } from './room.ts';

export type Reader = { id: string; name: string; role: string };
export type DemoState = { paused: boolean; speed: number; now: Time; label: string };
export type RoomView = {
  room: string;
  reader: Reader;
  csrf: string;
  /** Where the live updates take up. */
  position: string;
  sight: Sight;
  messages: Posted[];
  demo?: DemoState;
};

export function roomPage(view: RoomView): Html {
  const replies = Map.groupBy(
    view.messages.filter((one) => one.under !== undefined),
    (one) => one.under,
  );
  const roots = view.messages.filter((one) => one.under === undefined);
  return layout(
    `#${view.room}`,
    html`<body class="room-page" data-csrf="${view.csrf}" data-position="${view.position}" data-now="${view.sight.now}" data-rate="${rate(view.demo)}">
    <a class="skip" href="#newest">Skip to the newest message</a>
    <a class="skip" href="#command">Skip to the command box</a>
    <header class="top">
      <img src="/icon.svg" alt="" width="32" height="32">
      <div class="channel">
        <h1><span aria-hidden="true">#</span> ${plain(view.room, 80)}</h1>
        <p>Cloudwarden watches the accounts and reports here.</p>
      </div>
      <p class="live" id="live"><span class="dot" aria-hidden="true"></span><span class="word">Connecting</span></p>
      <div class="me">
        <p>${plain(view.reader.name, 80)} <span class="role">${view.reader.role}</span></p>
        <form method="post" action="/logout"><input type="hidden" name="csrf" value="${view.csrf}"><button class="link" type="submit">Log out</button></form>
      </div>
    </header>
    ${view.demo ? demoBar(view.demo) : ''}
    <p class="banner" id="banner" role="status" hidden></p>
    <main id="scroller" tabindex="0" aria-label="Messages of #${plain(view.room, 80)}">
      <noscript><p class="empty">This page needs JavaScript to stay up to date and to send what you press. The script comes from this machine only.</p></noscript>
      <div class="empty" id="empty">
        <h2>Nothing has happened yet</h2>
        <p>Alerts and the daily digest will appear here by themselves.<br>Type <code>help</code> below to see what you can ask.</p>
      </div>
      <ol id="room" class="room">
        ${roots.map((root) => renderEntry(root, replies.get(root.id) ?? [], view.sight))}
      </ol>
      <span id="newest" tabindex="-1"></span>
    </main>
    <button type="button" class="pill" id="pill" hidden></button>
    <form class="composer" id="composer" autocomplete="off">
      <label for="command" class="unseen">Ask Cloudwarden</label>
      <span class="slash" aria-hidden="true">/warden</span>
      <input id="command" name="command" maxlength="500" placeholder="status, digest, help …" autocapitalize="off" spellcheck="false" enterkeyhint="send">
      <button type="submit" class="primary">Send</button>
    </form>
    <dialog id="dialog" aria-labelledby="form-title"></dialog>
    <template id="entry">${entry({ id: '', order: 0, article: html``, replies: html`` })}</template>
    <template id="reply">${reply('', 0, html``)}</template>
    <div class="unseen" id="polite" aria-live="polite"></div>
    <div class="unseen" id="assertive" aria-live="assertive"></div>
  </body>`,
    true,
  );
}

function renderEntry(root: Posted, replies: Posted[], sight: Sight): Html {
  return entry({
    id: root.id,
    order: root.order,
    article: renderArticle(root, sight),
    replies: html`${replies.map((one) => reply(one.id, one.order, renderArticle(one, sight)))}`,
    count: replies.length,
  });
}

/** A message with its thread. The page clones the empty one for what arrives later, so that there is one markup. */
function entry(parts: { id: string; order: number; article: Html; replies: Html; count?: number }): Html {
  const count = parts.count ?? 0;
  return html`<li class="entry" data-message="${parts.id}" data-order="${parts.order}" tabindex="-1">
    <div class="slot">${parts.article}</div>
    <details class="thread" open${count === 0 ? html` hidden` : ''}><summary>${count === 1 ? '1 reply' : `${count} replies`}</summary><ol>${parts.replies}</ol></details>
    <div class="asides"></div>
  </li>`;
}

function reply(id: string, order: number, article: Html): Html {
  return html`<li class="reply" data-message="${id}" data-order="${order}" tabindex="-1"><div class="slot">${article}</div></li>`;
}

/** The inside of one message, sent again whenever it changes. */
export function renderArticle(posted: Posted, sight: Sight): Html {
  const { message } = posted;
  return html`<article aria-label="${spoken(message)}">
    <div class="byline" data-key="byline">
      <img class="face" src="/icon.svg" alt="" width="36" height="36">
      <strong>Cloudwarden</strong> <span class="app">bot</span> ${renderTime(posted.at, 'clock', sight.now)}
      ${posted.mention ? html`<span class="mention">@responders</span>` : ''}
    </div>
    ${renderMessage(message, sight)}
  </article>`;
}

/** What only the person who pressed or typed gets to see. */
export function renderPrivate(id: string, message: Message, sight: Sight): Html {
  return html`<section class="private" data-message="${id}" tabindex="-1" aria-label="Only visible to you">
    <p class="privacy"><span><span aria-hidden="true">◌</span> Only visible to you · ${renderTime(sight.now, 'clock', sight.now)}</span>
      <button type="button" class="link" data-dismiss>Dismiss</button></p>
    ${renderMessage(message, sight)}
  </section>`;
}

/** One line for a screen reader: severity as a word, then the notification. */
export function spoken(message: Message): string {
  const summary = plain(message.summary, 200);
  if (!message.severity) return summary;
  const { word } = severityLook[message.severity];
  return summary.toUpperCase().startsWith(word) ? summary : `${word}: ${summary}`;
}

const speeds = [1, 10, 60, 300];
export const rate = (demo: DemoState | undefined): number => (demo === undefined ? 1 : demo.paused ? 0 : demo.speed);

function demoBar(demo: DemoState): Html {
  const offered = [...new Set([...speeds, demo.speed])].sort((a, b) => a - b);
  return html`<section class="demo" id="demo" aria-label="Demo controls">
    <p class="demo-says"><span class="app">demo</span> <span id="demo-label">${plain(demo.label, 200)}</span></p>
    <p class="demo-clock" id="demo-clock"></p>
    <button type="button" class="plain small" id="demo-pause" aria-pressed="${demo.paused ? 'true' : 'false'}">${demo.paused ? 'Go on' : 'Pause'}</button>
    <label>Speed <select id="demo-speed">${offered.map((speed) => html`<option value="${speed}"${speed === demo.speed ? html` selected` : ''}>${speed}×</option>`)}</select></label>
  </section>`;
}

/** Asks before the link is used up, because programs that preview links fetch it too. One Enter is enough. */
export function loginPage(person: Reader, token: string): Html {
  return notice(
    `Log in as ${person.name}`,
    html`<h1>Welcome, ${plain(person.name, 80)}</h1>
    <p>This link opens the Cloudwarden console in this browser for 12 hours. It works once.</p>
    <form method="post" action="/login">
      <input type="hidden" name="person" value="${person.id}"><input type="hidden" name="token" value="${token}">
      <button class="primary big" type="submit" autofocus>Log in as ${plain(person.name, 80)}</button>
    </form>`,
  );
}

export function badLinkPage(state: Exclude<LinkState, 'good'>, person: string | undefined, isDemo: boolean): Html {
  const why = {
    used: 'This link has been used already. Each link works once.',
    old: 'This link is older than five minutes.',
    unknown: 'This link is not valid any more: perhaps a newer one was made, or part of it was lost on the way.',
  };
  return notice(
    'This link does not work',
    html`<h1>This link does not work</h1>
    <p>${why[state]}</p>
    ${howToLogIn(person, isDemo)}`,
  );
}

/** All that anybody without a session gets to see. */
export function strangerPage(isDemo: boolean): Html {
  return notice(
    'Log in',
    html`<h1>Cloudwarden</h1>
    <p>You are not logged in.</p>
    ${howToLogIn(undefined, isDemo)}`,
  );
}

function howToLogIn(person: string | undefined, isDemo: boolean): Html {
  // The demo keeps its log-ins to itself, so the command for the real bot would mint a link that does not fit here.
  if (isDemo)
    return html`<p>The demo prints a link in its terminal when it starts. To get a fresh one, stop it there with Ctrl+C and start it again:</p>
    <pre><code>npm run demo</code></pre>`;
  return html`<p>On the machine Cloudwarden runs on, type</p>
    <pre><code>bin/cloudwarden login ${person ?? 'PERSON'}</code></pre>
    <p>and open the link it prints within five minutes.${person === undefined ? html` <span class="quiet">PERSON is how you are called under <code>people</code> in the configuration, for example <code>ada</code>.</span>` : ''}</p>`;
}

function notice(title: string, content: Html): Html {
  return layout(
    title,
    html`<body class="notice-page"><main class="notice"><img class="logo" src="/icon.svg" alt="" width="56" height="56">${content}</main></body>`,
    false,
  );
}

function layout(title: string, body: Html, live: boolean): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${plain(title, 100)} · Cloudwarden</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/console.css">
    ${live ? html`<script type="module" src="/console.js"></script>` : ''}
  </head>
  ${body}
</html>`;
}
