/** The living card of a story. Pure. */
import type { Incident } from '../incident.ts';
import type { Message, Part } from '../message.ts';
import { count, cut, listed, rate, whole } from '../words.ts';
import { cardButtons } from './buttons.ts';
import { headline } from './headline.ts';
import { lookedLine } from './looks.ts';
import { type Costs, costs } from './money.ts';
import { outcomeInShort } from './outcome.ts';
import { oneLine } from './pieces.ts';
import { costLine, from, row, what, who } from './rows.ts';
import { acted, ending, isOver, stateLines } from './state.ts';
import { accountName, type Shown, type View } from './view.ts';

/** The living card: what is happening, what it costs, what was looked at, what can be done. At most twelve lines before its buttons. */
export function card(view: View): Shown {
  const { incident } = view;
  if (incident.state === 'joined') return { message: joinedCard(view), buttons: [] };
  const money = costs(view);
  const buttons = cardButtons(view, money);
  const calm = isOver(incident);
  const head = calm ? undefined : incident.severity;
  const rows = [
    row('Who', who(view)),
    row('From', from(incident)),
    row('What', what(view, money)),
    row('Costs', costLine(view, money)),
    row('Looked', lookedLine(view)),
    row('So loud', calm || !incident.raised ? [] : [`${incident.severity}: ${cut(incident.raised.why, 200)}`]),
  ].filter((found) => found.lines.length > 0);
  // Twelve lines: the rows, then how it stands, then what was withdrawn, then how the steps ended, as far as there is room.
  let room = 12 - 1 - rows.reduce((lines, found) => lines + found.lines.length, 0);
  const state = stateLines(view).slice(0, Math.max(1, room));
  room -= state.length;
  const gone = withdrawn(incident, room);
  room -= gone.length;
  const outcome = acted(incident) && incident.state !== 'acting' ? outcomeInShort(view, room) : [];
  const parts: Part[] = [
    {
      kind: 'header',
      ...(head ? { severity: head } : {}),
      text: calm ? `${ending(incident)}: ${lowerFirst(headline(view))}` : headline(view),
      aside: [`${[incident.id, ...accountNames(view)].join(' · ')} · began `, { time: incident.beganAt, as: 'ago' }],
    },
    ...(rows.length > 0 ? [{ kind: 'facts' as const, rows }] : []),
    ...gone,
    ...[...state, ...outcome].map((text): Part => ({ kind: 'text', text })),
    ...(buttons.length > 0 ? [{ kind: 'buttons' as const, buttons: buttons.map((meant) => meant.button) }] : []),
  ];
  return { message: { summary: notification(view, money), ...(head ? { severity: head } : {}), parts }, buttons };
}

/** One line is enough: the story goes on elsewhere, and there is nothing to press here. */
function joinedCard(view: View): Message {
  const { incident } = view;
  const where = `${incident.id} · part of ${incident.joinedInto ?? 'another story'}`;
  const title = headline(view);
  return {
    summary: oneLine(`${where}: ${lowerFirst(title)}`, 110),
    parts: [
      { kind: 'header', text: where },
      { kind: 'text', text: cut(title, 160), quiet: true, struck: true },
    ],
  };
}

function notification(view: View, money: Costs): string {
  const { incident } = view;
  const over = isOver(incident);
  const word = over ? ending(incident) : incident.severity.toUpperCase();
  const each = money.perHour > 0 && !over ? ` ${rate(money.perHour)}` : '';
  const regions = new Set(money.running.map((machine) => machine.region)).size;
  const where = regions > 1 ? ` in ${whole(regions)} regions` : '';
  const names = accountNames(view);
  const account = names.length === 0 ? '' : ` (${cut(listed(names, 1), 34)})`;
  const start = `${word}${each}: `;
  const text = lowerFirst(headline(view));
  return oneLine(`${start}${oneLine(text, Math.max(20, 110 - start.length - where.length - account.length))}${where}${account}`, 110);
}

/** Struck-through titles, each with its reason, in at most so many lines. */
function withdrawn(incident: Incident, room: number): Part[] {
  const cleared = Object.values(incident.findings).filter((finding) => finding.state === 'cleared');
  if (cleared.length === 0 || room < 1) return [];
  const quiet = (text: string): Part => ({ kind: 'text', quiet: true, text });
  if (room < 2) return [quiet(`${count(cleared.length, 'finding')} withdrawn; Details says why.`)];
  const shown = cleared.slice(0, Math.min(2, Math.floor(room / 2)));
  const left = cleared.length - shown.length;
  return shown.flatMap((finding, at): Part[] => [
    { kind: 'text', struck: true, text: cut(finding.title, 160) },
    quiet(
      `Withdrawn: ${cut(finding.clearedWhy || 'it is no longer so', 160)}${left > 0 && at === shown.length - 1 ? ` · ${whole(left)} more withdrawn` : ''}`,
    ),
  ]);
}

/** For after a colon; what begins with capitals ("GPU …") keeps them. */
const lowerFirst = (text: string): string => text.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase());

const accountNames = (view: View): string[] => [
  ...new Set(Object.values(view.incident.findings).map((finding) => accountName(view, finding.place.scope))),
];
