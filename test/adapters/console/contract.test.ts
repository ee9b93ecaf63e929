import { randomUUID } from 'node:crypto';
import type { ChatHandlers } from '../../../src/bot/ports.ts';
import { chatContract, type Hand, type Seen } from '../../contract/chat.ts';
import { logIn, openConsole, people, type Reader, type Reply, send, wordsOf } from './support.ts';

chatContract('The console', async (on: ChatHandlers) => {
  const setting = await openConsole(on, { people: [...people, { id: 'stranger', name: 'Somebody', role: 'responder' }] });
  const readers: Record<Hand, Reader> = { ada: await logIn(setting, 'ada'), stranger: await logIn(setting, 'stranger') };
  const whispers: Record<Hand, string[]> = { ada: [], stranger: [] };
  const forms: Partial<Record<Hand, { html: string; press: Record<string, unknown> }>> = {};
  let last = { id: '', button: '', message: '' };

  return {
    chat: setting.chat,
    people: { ada: user('ada'), stranger: user('stranger') },
    async seen() {
      const page = await fetch(`${setting.chat.url()}/`, { headers: { cookie: readers.ada.cookie } });
      return seenOn(await page.text());
    },
    async press(who, ref, button, again) {
      if (!again) last = { id: randomUUID(), button, message: ref.id };
      await take(who, '/press', last);
    },
    openForm: (who) => [...(forms[who]?.html ?? '').matchAll(/ name="([^"]+)"/g)].map(([, name]) => name ?? ''),
    async submit(who, values) {
      await take(who, '/press', { id: randomUUID(), ...forms[who]?.press, values });
    },
    async command(who, text) {
      await take(who, '/command', { id: randomUUID(), text });
    },
    whispers: (who) => whispers[who],
    close: () => setting.chat.stop(),
  };

  async function take(who: Hand, path: string, body: Record<string, unknown>): Promise<void> {
    const reply = (await (await send(readers[who], path, body)).json()) as Reply;
    if (reply.form) forms[who] = { html: reply.form, press: { button: body.button, message: body.message } };
    if (reply.answer) whispers[who].push(wordsOf(reply.answer));
  }
});

const user = (id: string) => ({ platform: 'console', user: id, space: 'console' });

function seenOn(page: string): Seen[] {
  const room = page.slice(page.indexOf('<ol id="room"'), page.indexOf('<span id="newest"'));
  const parts = room.split(/<li class="(entry|reply)" data-message="([^"]+)"/).slice(1);
  const seen: Seen[] = [];
  let root = '';
  for (let at = 0; at < parts.length; at += 3) {
    const [kind, id = '', content = ''] = parts.slice(at, at + 3);
    if (kind === 'entry') root = id;
    const article = /<article[\s\S]*<\/article>/.exec(content)?.[0] ?? '';
    seen.push({
      id,
      words: wordsOf(article),
      notifies: [...article.matchAll(/<span class="mention">([^<]*)</g)].map(([, who]) => who ?? ''),
      buttons: [...article.matchAll(/<button [^>]*>([^<]*)</g)].map(([, label]) => wordsOf(label ?? '')),
      ...(kind === 'reply' ? { under: root } : {}),
    });
  }
  return seen;
}
