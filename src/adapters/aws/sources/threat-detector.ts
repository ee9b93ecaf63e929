/** What GuardDuty found, and whether it is still on. It is off by default and region by region: a help, never the only net. */

import type { GuardDutyClient } from '@aws-sdk/client-guardduty';
import { z } from 'zod';
import type { Batch, Source } from '../../../bot/ports.ts';
import type { Observation, Of, Time } from '../../../checks/observation.ts';
import { guardDutyFinding } from '../translate/guardduty-finding.ts';
import { resourceSubject } from '../translate/names.ts';
import { scrubEvent } from '../translate/scrub.ts';
import { everyRegion, type Part, type Where } from './by-region.ts';
import { plusSeconds, type Sight } from './looking.ts';

/**
 * Findings that are new or were seen again since the last look, at first of the last day; archived ones too, since whoever is in can
 * archive. Off in a region is a fact and no gap; on at one look and off at the next is `guard.weakened`, also where no log tells who did
 * it. The state is read at most once an hour. A look is one call in a region where it is off, two or three where it is on: with 17 regions about
 * 16,000 calls a month by polling alone, $0.07 of GuardDuty's own price for recorded calls.
 */
export function threatDetector(sight: Sight): Source {
  const { session } = sight;
  return {
    name,
    scope: session.scope,
    everySeconds: sight.pace?.beat('alerts') ?? 1800,
    permissions: [
      'ec2:DescribeRegions',
      'guardduty:ListDetectors',
      'guardduty:GetDetector',
      'guardduty:ListFindings',
      'guardduty:GetFindings',
    ].map((one) => ({ system: 'aws-iam' as const, name: one })),
    collect(cursors, { everywhere } = {}): AsyncIterable<Batch> {
      return everyRegion(sight, { name, what: 'threat findings', cursors, reading: 'alerts', everywhere }, (where) =>
        lookAt(where, readCursor(cursors[where.region])),
      );
    },
  };

  async function* lookAt(where: Where, before: Known | undefined): AsyncGenerator<Part> {
    const { heard } = where;
    const client = await session.read.guardduty(where.region);
    const isFresh = before !== undefined && before.checked <= heard && heard < plusSeconds(before.checked, stateSeconds);
    let known = before;
    if (!isFresh) known = yield* readState(client, where, before);
    // It reads the records of our own calls, and that is paid for.
    session.meter.detector(where.region, known?.on ?? false);
    // Switched off, it still has the findings of before.
    if (known?.detector === undefined) return;
    try {
      yield* readFindings(client, { ...known, detector: known.detector }, where);
    } catch (error) {
      // It may have been deleted since its state was read.
      const now = isFresh ? yield* readState(client, where, before) : known;
      if (now.detector === known.detector) throw error;
    }
  }

  /** Kept at once: if the findings cannot be read, a change must not be told twice. */
  async function* readState(client: GuardDutyClient, where: Where, before: Known | undefined): AsyncGenerator<Part, Known> {
    const now = await stateOf(client);
    const known: Known = { ...now, checked: where.heard, since: before?.since };
    yield { observations: weakened(where, before, now), cursors: { [where.region]: JSON.stringify(known) } };
    return known;
  }

  async function* readFindings(client: GuardDutyClient, known: Known & { detector: string }, where: Where): AsyncGenerator<Part> {
    const { region, heard } = where;
    const isKnown = known.since !== undefined && known.since < heard;
    const since = isKnown && known.since !== undefined ? plusSeconds(known.since, -overlapSeconds) : plusSeconds(heard, -daySeconds);
    let pages = mostPages;
    for await (const { ids, last } of findingIds(client, known.detector, since)) {
      if (ids.length > 0) yield await findings(client, known.detector, ids, where);
      if (last || --pages > 0) continue;
      const gap = `more threat findings in ${region} than are read at once: the newest ${mostPages * pageSize} were read`;
      yield { observations: [], gap };
      break;
    }
    yield { observations: [], cursors: { [region]: JSON.stringify({ ...known, since: heard }) } };
  }

  async function findings(client: GuardDutyClient, detector: string, ids: string[], { place, heard }: Where): Promise<Part> {
    const { GetFindingsCommand } = await import('@aws-sdk/client-guardduty');
    const { Findings = [] } = await client.send(new GetFindingsCommand({ DetectorId: detector, FindingIds: ids }));
    const observations: Observation[] = [];
    const raw: Record<string, unknown> = {};
    for (const finding of Findings) {
      // A delegated administrator sees its members' findings too; each account is guarded for itself.
      if (finding.AccountId !== undefined && finding.AccountId !== place.scope.id) continue;
      const alert = guardDutyFinding(finding, { heard, by: name, place });
      if (alert === undefined) continue;
      observations.push(alert);
      for (const id of alert.evidence) raw[id] = scrubEvent(finding);
    }
    return { observations, raw };
  }
}

const name = 'aws/threat-detector';
const stateSeconds = 3300;
const daySeconds = 86_400;
/** GuardDuty writes a finding some minutes after its own time of update. */
const overlapSeconds = 900;
const mostPages = 20;
const pageSize = 50;

/** What was seen of a region's detector; `since`: up to when its findings were read. */
const knownShape = z.object({ detector: z.string().optional(), on: z.boolean(), checked: z.string(), since: z.string().optional() });
type Known = { detector?: string | undefined; on: boolean; checked: Time; since?: Time | undefined };

function readCursor(saved: string | undefined): Known | undefined {
  if (saved === undefined) return undefined;
  try {
    return knownShape.parse(JSON.parse(saved));
  } catch {
    // Unreadable: like a first look, which finds the same findings again.
    return undefined;
  }
}

async function stateOf(client: GuardDutyClient): Promise<{ detector?: string; on: boolean }> {
  const { GetDetectorCommand, ListDetectorsCommand } = await import('@aws-sdk/client-guardduty');
  const { DetectorIds: [detector] = [] } = await client.send(new ListDetectorsCommand({}));
  if (detector === undefined) return { on: false };
  const { Status } = await client.send(new GetDetectorCommand({ DetectorId: detector }));
  return { detector, on: Status !== 'DISABLED' };
}

function weakened(
  { place, region, heard }: Where,
  before: Known | undefined,
  now: { detector?: string; on: boolean },
): Of<'guard.weakened'>[] {
  if (before === undefined || !before.on || before.detector === undefined || now.on) return [];
  const resource = resourceSubject(place, 'guardduty', `detector/${before.detector}`);
  return [
    {
      kind: 'guard.weakened',
      id: `${name}/${place.scope.id}/${region}/${before.detector}/off/${heard}`,
      // When exactly nobody tells; it was on at the look before.
      at: heard,
      heard,
      by: name,
      place,
      evidence: [resource],
      guard: 'threat detector',
      resource,
      how: now.detector === undefined ? 'deleted' : 'switched off',
    },
  ];
}

/** Newest first. */
async function* findingIds(client: GuardDutyClient, detector: string, since: Time): AsyncGenerator<{ ids: string[]; last: boolean }> {
  const { paginateListFindings } = await import('@aws-sdk/client-guardduty');
  const pages = paginateListFindings(
    { client, pageSize },
    {
      DetectorId: detector,
      FindingCriteria: { Criterion: { updatedAt: { GreaterThanOrEqual: Date.parse(since) } } },
      SortCriteria: { AttributeName: 'updatedAt', OrderBy: 'DESC' },
    },
  );
  for await (const { FindingIds: ids = [], NextToken: next } of pages) yield { ids, last: next === undefined || next === '' };
}
