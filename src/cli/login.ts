import { systemClock } from '../adapters/clock.ts';
import { mintLogin } from '../adapters/console/login.ts';
import { openConfig, openData } from './open.ts';

/** `login PERSON`: a one-time link to the web console, on this terminal only. */
export async function login(person: string): Promise<void> {
  const { config, log } = openConfig();
  const { console: door } = config.chat;
  if (!door) throw new Error('The web console is off. Add chat.console to the configuration and start the bot again.');
  if (!config.people[person])
    throw new Error(`There is no ${person} in config → people. There are: ${Object.keys(config.people).join(', ') || 'none'}.`);
  const store = await openData(config.data, log);
  try {
    const path = await mintLogin(store, person, systemClock.now());
    process.stdout.write(`${(door.publicUrl ?? `http://${door.listen}`).replace(/\/$/, '')}${path}\n`);
    process.stderr.write(`Good once, for 5 minutes, for ${config.people[person].name}.\n`);
  } finally {
    await store.close();
  }
}
