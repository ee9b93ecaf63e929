/** The people and limits of the configuration, as the bot's decisions need them. */
import type { ChatUser } from './ports.ts';

export type Person = { id: string; name: string; role: 'admin' | 'responder'; slack?: string; discord?: string };
export type Policy = {
  people: Person[];
  /** Who may approve: admins. Nobody: the bot only observes. */
  expiresSeconds: number;
  twoPeopleAboveUsdPerHour: number;
  mostResources: number;
  actions: 'on' | 'off';
  /** A *high* that nobody took within so many seconds is paged. */
  pageAfterSeconds: number;
  /** IANA zone of the team, e.g. Europe/Berlin. */
  zone: string;
  /** The Discord guild whose members the configured Discord ids belong to. */
  discordGuild?: string;
};

/** The person a chat account is bound to: Slack by team and user, Discord by guild and user, the console by its own login. */
export function personOf(policy: Policy, user: ChatUser): Person | undefined {
  switch (user.platform) {
    case 'slack':
      return policy.people.find((person) => person.slack === `${user.space}/${user.user}`);
    case 'discord':
      return policy.discordGuild === user.space ? policy.people.find((person) => person.discord === user.user) : undefined;
    case 'console':
      return user.space === 'console' ? policy.people.find((person) => person.id === user.user) : undefined;
    default:
      return undefined;
  }
}

export const approvers = (policy: Policy): Person[] => policy.people.filter((person) => person.role === 'admin');

/** What people call them; an id that is not in the configuration any more stands for itself. */
export const nameOf = (policy: Policy, id: string): string => policy.people.find((person) => person.id === id)?.name ?? id;
