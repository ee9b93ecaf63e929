/** Looks of the sources that list machines, against a stand-in with two regions. */
import { loadPrices, type PriceTable } from '../../../../src/adapters/aws/prices.ts';
import type { AwsSession } from '../../../../src/adapters/aws/session.ts';
import { openRegions, type Sight } from '../../../../src/adapters/aws/sources/looking.ts';
import type { Cursors, Source } from '../../../../src/bot/ports.ts';
import type { Kind, Observation, Of } from '../../../../src/checks/observation.ts';
import { type Asked, handClock, regionsXml, type Said, type StandIn, sessionOn, standIn } from '../aws-stand-in.ts';
import { type Drained, drain } from './drain.ts';

export const home = 'us-east-1';
export const abroad = 'eu-west-1';
/** In seconds, as AWS's JSON has it. */
export const seconds = (time: string): number => Date.parse(time) / 1000;

export type Sweeping = {
  aws: StandIn;
  session: AwsSession;
  clock: ReturnType<typeof handClock>;
  sight: Sight;
  /** What AWS answers from now on; undefined: nothing is there. */
  answers(next: (asked: Asked) => Said | undefined): void;
  look(cursors?: Cursors): Promise<Drained>;
  /** @throws Error when something was called that the source does not declare. */
  close(): Promise<void>;
};

export async function sweeping(make: (sight: Sight, prices: PriceTable) => Source): Promise<Sweeping> {
  let answer: (asked: Asked) => Said | undefined = () => undefined;
  const aws = await standIn((asked) =>
    asked.operation === 'DescribeRegions'
      ? regionsXml({ [home]: 'opt-in-not-required', [abroad]: 'opt-in-not-required' })
      : (answer(asked) ?? nothing(asked)),
  );
  const session = await sessionOn(aws);
  const clock = handClock('2026-03-01T14:00:00.000Z');
  const sight = { session, clock, regions: openRegions(session, clock) };
  const source = make(sight, loadPrices());
  return {
    aws,
    session,
    clock,
    sight,
    answers(next) {
      answer = next;
    },
    look: (cursors = {}) => drain(source.collect(cursors), cursors),
    async close() {
      const declared = new Set(source.permissions.map((one) => one.name));
      const undeclared = session.meter.take().flatMap(({ operation }) => (declared.has(operation) ? [] : [operation]));
      session.close();
      await aws.close();
      if (undeclared.length > 0) throw new Error(`called without being declared: ${undeclared.join(', ')}`);
    },
  };
}

const nothing = ({ service, operation }: Asked): Said =>
  service === 'ec2' || service === 'autoscaling' ? `<${operation}Response><${operation}Result/></${operation}Response>` : {};

export const of = <K extends Kind>(kind: K, observations: Observation[]): Of<K>[] =>
  observations.filter((one): one is Of<K> => one.kind === kind);
export const lookAt = (region: string, observations: Observation[]): Of<'look.finished'> | undefined =>
  of('look.finished', observations).find((one) => one.place.region === region);
