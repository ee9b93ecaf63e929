/** What a person would call a source, and what kind of look it makes. Pure. */
import type { Time } from '../../checks/observation.ts';
import type { Look } from '../ports.ts';
import { secondsBetween } from '../words.ts';

/** By what stands behind the cloud's name. All of them are several, so that sentences need one form only. */
const sources: Record<string, string> = {
  inventory: 'the machines',
  'audit-log': 'the events of the log',
  identities: 'users and keys',
  costs: 'the costs',
  'costs by hour': 'the costs by the hour',
  'costs by team': 'the costs of teams',
  'exports/costs': 'the exports of the bill',
  'estimated/costs': 'the estimated charges',
  budgets: 'the budgets',
  scaling: 'groups and fleets that start machines',
  containers: 'the containers',
  learning: 'the machines for machine learning',
  batch: 'the batch jobs',
  kubernetes: 'the Kubernetes clusters',
  emr: 'the data clusters',
  lightsail: 'the Lightsail machines',
  quotas: 'requests for higher limits',
  'threat-detector': 'findings of the threat detector',
  'access-analyzer': 'doors open to strangers',
  health: 'warnings of the provider',
  'cost-anomalies': 'findings of the provider’s own cost watch',
  quarantine: 'users the provider put under quarantine',
  metrics: 'measurements of what is used',
  push: 'pushed events',
  probes: 'tries of both paths of events',
  'start-texts': 'the texts new machines start with',
  history: 'the events of the past',
  'look-into': 'the acts of single keys',
};
const named = (source: string): string | undefined => sources[source.slice(source.indexOf('/') + 1)];
/** In a sentence. */
export const plainSource = (source: string): string => named(source) ?? source;
/** Its own name stands behind for whoever must look it up. */
export function sourceWords(source: string): string {
  const name = named(source);
  return name ? `${name} (${source})` : source;
}

/** A look over places, as it is made all the time; not one into a subject, at the past, or at a list. */
export const isOfPlaces = (look: Look): boolean => !/^(subjects|days of the past|lists of .*)$/.test(look.noun);
export const isLog = (source: string): boolean => /log|event/.test(source);
export const isPush = (source: string): boolean => /\/push$/.test(source);
export const isInventory = (source: string): boolean => /inventory/.test(source);

/** A look older than this no longer speaks for the present: twice the slowest rhythm of each, and a day for all that is read seldom. */
export const isStale = (source: string, at: Time, now: Time): boolean =>
  secondsBetween(at, now) >
  (isInventory(source)
    ? staleInventorySeconds
    : isLog(source)
      ? staleLogSeconds
      : source.endsWith('/cost-anomalies')
        ? staleSeldomSeconds
        : staleOtherSeconds);
const staleInventorySeconds = 30 * 60;
/** Where events are pushed, the log of a region in which nothing ever was is read every half an hour, to see that nobody cut the push. */
const staleLogSeconds = 65 * 60;
const staleOtherSeconds = 26 * 3600;
/** Of a payer it is asked every other day. */
const staleSeldomSeconds = 50 * 3600;
