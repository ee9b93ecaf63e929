/** Lambda: functions, what they may use, and who may call them. */
import { imageFromOf } from '../images.ts';
import { markersIn } from '../markers.ts';
import { type Act, answer, done, type Meaning, oursOr, request, type Table, tried, wordsOf } from '../meaning.ts';
import { functionSubject } from '../names.ts';
import { at, number, text } from '../reading.ts';
import { functionShape } from '../shapes.ts';
import { defined, keeps } from '../starting.ts';

const service = 'Lambda';

const written = defined(service, 'a Lambda function', (act) => {
  const { event, place } = act;
  const name = nameOf(act);
  if (name === undefined) return undefined;
  const image = text(request(event), 'code', 'imageUri') ?? text(request(event), 'imageUri');
  const memory = number(request(event), 'memorySize') ?? number(answer(event), 'memorySize');
  return {
    resource: functionSubject(place, name),
    ...(memory !== undefined ? { shape: functionShape(memory) } : {}),
    ...(image !== undefined ? { image, imageFrom: imageFromOf(image, place.scope.id) } : {}),
    markers: markersIn(wordsOf(at(request(event), 'environment'), at(request(event), 'imageConfig'))),
  };
});

export const lambda: Table = {
  'lambda:CreateFunction': written,
  'lambda:UpdateFunctionCode': written,
  'lambda:UpdateFunctionConfiguration': written,
  'lambda:PutProvisionedConcurrencyConfig': keeps(service, 'Lambda functions kept ready', (act) =>
    kept(act, number(request(act.event), 'provisionedConcurrentExecutions')),
  ),
  'lambda:PutFunctionConcurrency': keeps(service, 'Lambda functions kept free', (act) =>
    kept(act, number(request(act.event), 'reservedConcurrentExecutions')),
  ),
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

const nameOf = ({ event }: Act): string | undefined =>
  text(answer(event), 'functionArn') ?? text(request(event), 'functionName') ?? text(answer(event), 'functionName');

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
  const auth = text(request(act.event), 'authType')?.toUpperCase();
  return auth !== 'NONE' || name === undefined
    ? []
    : [{ kind: 'trust.opened', resource: functionSubject(act.place, name), to: '*', unconditional: true, door: 'function' }];
};

const openFunction: Meaning = (act) => {
  const { event, place } = act;
  const to = text(request(event), 'principal');
  const name = text(request(event), 'functionName');
  const account = to === '*' ? '*' : /^(?:arn:[\w-]+:iam::)?(\d{12})(?::|$)/.exec(to ?? '')?.[1];
  if (account === undefined || name === undefined || account === place.scope.id) return [];
  return [
    {
      kind: 'trust.opened',
      resource: functionSubject(place, name),
      to: account,
      unconditional: ['sourceArn', 'sourceAccount', 'principalOrgID'].every((condition) => at(request(event), condition) === undefined),
      door: 'function',
    },
  ];
};
