import { list, put, take } from '../shelf.ts';
import type { Call, Operation, World } from '../world.ts';

/** Language models answer nothing here; that they were asked is counted, as CloudWatch has it: the log calls asking them a read. */
const ask: Operation = (world: World, input: { modelId?: unknown }, call: Call): undefined => {
  const id = String(input.modelId ?? 'unknown');
  const thing = take(world, kind, call.region, id) ?? put(world, kind, call, { id, arn: `bedrock/${id}`, facts: { asked: [] } });
  (thing.facts as Facts).asked.push(call.ms);
  return undefined;
};
export const bedrockOperations: Record<string, Operation> = {
  InvokeModel: ask,
  InvokeModelWithResponseStream: ask,
  Converse: ask,
  ConverseStream: ask,
};

type Facts = { asked: number[] };
const kind = 'bedrock/model';

/** What one call is taken to use: a page of text in, a few paragraphs out. */
const perCall: Record<string, number> = { Invocations: 1, InputTokenCount: 1500, OutputTokenCount: 500 };

/** The metrics of one region, by their names. */
export const modelMetrics = (world: World, region: string): { name: string; model: string }[] =>
  list(world, kind, region).flatMap(({ id }) => Object.keys(perCall).map((name) => ({ name, model: id })));

/** Undefined when no model was asked in that time. Without a model: all of them together. */
export function askedOfModels(world: World, region: string, name: string, model: string | undefined, fromMs: number, untilMs: number) {
  const calls = list(world, kind, region)
    .filter(({ id }) => model === undefined || id === model)
    .flatMap(({ facts }) => (facts as Facts).asked.filter((ms) => fromMs <= ms && ms < untilMs)).length;
  return calls === 0 || perCall[name] === undefined ? undefined : calls * perCall[name];
}
