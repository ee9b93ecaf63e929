/** Lambda: functions, what they may use, and who may call them. */
import { isUnsaidByHand } from '../by-hand.ts';
import { imageFromOf } from '../images.ts';
import { markersIn } from '../markers.ts';
import { type Act, answer, done, type Facts, type Meaning, oursOr, refusedOn, request, type Table, tried, wordsOf } from '../meaning.ts';
import { functionSubject } from '../names.ts';
import { at, flag, list, number, text } from '../reading.ts';
import { functionShape } from '../shapes.ts';
import { defined, keeps } from '../starting.ts';

const service = 'Lambda';

const what = { made: 'a Lambda function', code: 'the code of a Lambda function', layers: 'the layers of a Lambda function' };
const written = (how: keyof typeof what): Meaning => defined(service, what[how], (act) => workload(act));
/** Whom it was refused to and who has no business there is worth knowing, although nothing came of it. */
const code: Meaning = (act) => {
  const name = isUnsaidByHand(act) ? nameOf(act) : undefined;
  return name === undefined
    ? written('code')(act)
    : [{ kind: 'workload.defined', resource: functionSubject(act.place, name), what: what.code, service }];
};
/** Layers run before the function, and around it. */
const configured: Meaning = (act) =>
  (list(request(act.event), 'layers').length + list(answer(act.event), 'layers').length > 0 ? layered : written('made'))(act);

function workload(act: Act) {
  const { event, place } = act;
  const name = nameOf(act);
  // A rehearsal changes nothing.
  if (name === undefined || flag(request(event), 'dryRun') === true) return undefined;
  const image = text(request(event), 'code', 'imageUri') ?? text(request(event), 'imageUri');
  const memory = number(request(event), 'memorySize') ?? number(answer(event), 'memorySize');
  return {
    resource: functionSubject(place, name),
    ...(memory !== undefined ? { shape: functionShape(memory) } : {}),
    ...(image !== undefined ? { image, imageFrom: imageFromOf(image, place.scope.id) } : {}),
    markers: markersIn(wordsOf(at(request(event), 'environment'), at(request(event), 'imageConfig'))),
  };
}
const layered = written('layers');

export const lambda: Table = {
  'lambda:CreateFunction': written('made'),
  'lambda:UpdateFunctionCode': (act) => code(act),
  'lambda:UpdateFunctionConfiguration': (act) => configured(act),
  'lambda:PutProvisionedConcurrencyConfig': keeps(service, 'Lambda functions kept ready', (act) =>
    kept(act, number(request(act.event), 'provisionedConcurrentExecutions')),
  ),
  // Taken out of what the account may run at once anyway: it costs nothing and starts nothing.
  'lambda:PutFunctionConcurrency': keeps(service, 'Lambda functions kept free', (act) => {
    const limited = kept(act, number(request(act.event), 'reservedConcurrentExecutions'));
    return limited && { ...limited, desired: 0, ceiling: true };
  }),
  'lambda:CreateFunctionUrlConfig': tried((act) => openUrl(act)),
  'lambda:UpdateFunctionUrlConfig': tried((act) => openUrl(act)),
  'lambda:AddPermission': tried((act) => openFunction(act)),
  'lambda:CreateEventSourceMapping': done((act) => {
    const name = nameOf(act);
    return name === undefined
      ? []
      : [{ kind: 'schedule.set', resource: functionSubject(act.place, name), what: 'a trigger of a Lambda function' }];
  }),
  'lambda:DeleteFunction': oursOr('deleted', (act) => {
    const name = nameOf(act);
    return name !== undefined ? [functionSubject(act.place, name)] : [];
  }),
};
// The name of the call before it had its present one.
lambda['lambda:PutProvisionedConcurrency'] = lambda['lambda:PutProvisionedConcurrencyConfig']!;

const nameOf = (act: Act): string | undefined =>
  text(answer(act.event), 'functionArn') ??
  text(request(act.event), 'functionName') ??
  text(answer(act.event), 'functionName') ??
  (isUnsaidByHand(act) ? (refusedOn(act) ?? 'unknown') : undefined);

/** Of an existing function: nothing new was made that somebody started. */
function kept(act: Act, most: number | undefined) {
  const name = nameOf(act);
  return name === undefined || most === undefined
    ? undefined
    : { resource: functionSubject(act.place, name), desired: most, most, made: false };
}

/** A function with an address of its own that asks nobody who he is. */
const openUrl: Meaning = (act) => {
  const name = nameOf(act);
  const auth = text(request(act.event), 'authType')?.toUpperCase() ?? (isUnsaidByHand(act) ? 'NONE' : undefined);
  return auth !== 'NONE' || name === undefined ? [] : [doorTo(act, name, '*')];
};

const openFunction: Meaning = (act) => {
  const { event, place } = act;
  const name = nameOf(act);
  if (name !== undefined && isUnsaidByHand(act)) return [doorTo(act, name, 'unknown')];
  const to = text(request(event), 'principal');
  const account = to === '*' ? '*' : /^(?:arn:[\w-]+:iam::)?(\d{12})(?::|$)/.exec(to ?? '')?.[1];
  if (account === undefined || name === undefined || account === place.scope.id) return [];
  const conditions = ['sourceArn', 'sourceAccount', 'principalOrgID'];
  return [
    doorTo(
      act,
      name,
      account,
      conditions.every((condition) => at(request(event), condition) === undefined),
    ),
  ];
};
const doorTo = ({ place }: Act, name: string, to: string, unconditional = true): Facts => ({
  kind: 'trust.opened',
  resource: functionSubject(place, name),
  to,
  unconditional,
  door: 'function',
});
