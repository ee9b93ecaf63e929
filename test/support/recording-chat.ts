import type { Message, MessageRef, Part } from '../../src/bot/message.ts';
import { type Chat, type ChatHandlers, OutsideError } from '../../src/bot/ports.ts';

export type Posted = { ref: MessageRef; message: Message; under?: MessageRef; mention: string };
export type RecordingChat = Chat & {
  /** Every message as it stands now, oldest first. */
  posted: Posted[];
  updates: number;
  down: boolean;
  handlers?: ChatHandlers;
  /** Buttons that a person sees now, by label. */
  buttons(label: RegExp): { id: string; ref: MessageRef }[];
  /** All the words of a message, or of all of them. */
  text(message?: Message): string;
};

/** A chat platform that remembers what it was told, and can be away. */
export function recordingChat(platform = 'console'): RecordingChat {
  const away = () => {
    if (chat.down) throw new OutsideError(`${platform} is away`, true);
  };
  const chat: RecordingChat = {
    platform,
    room: 'alerts',
    posted: [],
    updates: 0,
    down: false,
    async start(on) {
      away();
      chat.handlers = on;
    },
    stop: async () => {},
    async post(message, options = {}) {
      away();
      const ref = { platform, room: 'alerts', id: `${platform}-${chat.posted.length + 1}` };
      chat.posted.push({ ref, message, mention: options.mention ?? 'nobody', ...(options.under ? { under: options.under } : {}) });
      return ref;
    },
    async update(ref, message) {
      away();
      const known = chat.posted.find((one) => one.ref.id === ref.id);
      if (!known) throw new OutsideError('no such message', false);
      known.message = message;
      chat.updates += 1;
    },
    trouble: () => (chat.down ? `${platform} is away` : undefined),
    buttons: (label) =>
      chat.posted.flatMap(({ ref, message }) =>
        message.parts
          .flatMap((part) => (part.kind === 'buttons' ? part.buttons : []))
          .filter((button) => label.test(button.label))
          .map((button) => ({ id: button.id, ref })),
      ),
    text: (message) =>
      message ? message.parts.map(wordsOf).join('\n') : chat.posted.map((one) => one.message.parts.map(wordsOf).join('\n')).join('\n\n'),
  };
  return chat;
}

const wordsOf = (part: Part): string => {
  const words: string[] = [];
  JSON.stringify(part, (key, value: unknown) => {
    if (typeof value === 'string' && key !== 'kind' && key !== 'id' && key !== 'style' && key !== 'as') words.push(value);
    return value;
  });
  return words.join(' ');
};
