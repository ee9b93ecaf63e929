/** The forms of what costs money: something is started, kept up, written down to be started, or given a place. */
import type { Marker, Shape, Subject } from '../../../checks/observation.ts';
import { type Act, acted, type CallError, done, type Facts, link, type Meaning, plainType, type ServicePricing } from './meaning.ts';

export type Service = string | undefined;
type Why = Extract<Facts, { kind: 'compute.refused' }>['why'];

/** Error codes of launches (EC2 API reference, error codes, and those of the other services). Codes that only say the request was malformed are not in it. */
const refusals: [RegExp, Why][] = [
  [/^DryRunOperation$/, 'dry run'],
  [/Unauthorized|AccessDenied|NotAuthorized|OperationNotPermitted/, 'not allowed'],
  [/(?<!Request)LimitExceeded|CountExceeded|QuotaExceeded|MaxSpot|ResourceCountLimit|ResourceNumberLimit|LimitExceededFault/, 'quota'],
  [/Insufficient.*Capacity|InsufficientCapacity|^Unsupported|^UnfulfillableCapacity|SpotMaxPriceTooLow|^Unavailable/, 'capacity'],
  [
    /^Blocked|PendingVerification|OptInRequired|AccountDisabled|VerificationRequired|SubscriptionRequired|AccountSuspended/,
    'account blocked',
  ],
];
/** Services with one code for everything say in the message what was the matter. */
const refusalWords: [RegExp, Why][] = [
  [/is not authorized to perform|access denied/i, 'not allowed'],
  [/account is (?:currently )?(?:blocked|suspended|under verification)|not subscribed|being verified/i, 'account blocked'],
  [
    /\b(?:quota|limit)\b[^.]{0,80}\b(?:exceed|reach|maximum|increase)|\b(?:exceed|reach|maximum)\w*\b[^.]{0,80}\b(?:quota|limit)\b/i,
    'quota',
  ],
];

/** Why a launch was refused; undefined for a slip of the pen or throttling. */
export function refusalOf({ code, message = '' }: CallError): Why | undefined {
  const byCode = refusals.find(([pattern]) => pattern.test(code))?.[1];
  if (byCode !== undefined || /Throttl|RequestLimit|TooManyRequests/.test(code)) return byCode;
  return refusalWords.find(([pattern]) => pattern.test(message.slice(0, 2_000)))?.[1];
}

export type Asked = {
  /** The machines or the paid things the provider answered with. */
  resources: Subject[];
  count: number;
  /** An instance type of EC2, also as `ml.…`; sized and priced by the table. */
  type?: string | undefined;
  /** What other services call a size. */
  shape?: Shape | undefined;
  /** The price of one of them, where it is not that of an instance type. */
  priced?: ((prices: ServicePricing, region: string) => { usd: number }) | undefined;
  spot?: boolean;
  from?: Subject | undefined;
  image?: string | undefined;
  imageFrom?: 'own' | 'provider' | 'public' | 'unknown' | undefined;
  markers?: Marker[] | undefined;
  /** What started them, when it was not the caller himself. */
  startedBy?: Subject[];
  again?: true;
};

/** `service` is undefined for virtual machines. */
const serviceOf = (service: Service): { service?: string } => (service !== undefined ? { service } : {});
const shapeOf = (act: Act, { type, shape, spot }: Asked): Shape | undefined => {
  const of = type !== undefined ? act.shape(plainType(type)) : shape;
  return of && spot ? { ...of, spot: true } : of;
};
/** List price of one in USD an hour. */
function usdOf(act: Act, { type, spot, priced }: Asked): number | undefined {
  const { region } = act.place;
  const options = spot ? { spot } : {};
  if (priced) return act.servicePrices ? priced(act.servicePrices, region).usd : undefined;
  if (type === undefined) return undefined;
  if (type.startsWith('ml.') && act.servicePrices) return act.servicePrices.machineLearning(type, region, options).usd;
  return act.price?.(plainType(type), region, options).usd;
}

/** Something was asked for that costs money from then on; refused, it says why. */
export const launch =
  (service: Service, what: string, read: (act: Act) => Asked): Meaning =>
  (act) => {
    const asked = read(act);
    const shape = shapeOf(act, asked);
    const { resources, count, from, startedBy = [] } = asked;
    if (act.error) {
      const why = refusalOf(act.error);
      return why !== undefined ? [{ kind: 'compute.refused', ...serviceOf(service), what, why, ...(shape ? { shape } : {}) }] : acted(act);
    }
    const usd = usdOf(act, asked);
    return [
      {
        kind: 'compute.asked',
        resources,
        count,
        what,
        ...serviceOf(service),
        ...(shape ? { shape } : {}),
        ...(usd === undefined ? {} : { perHour: { amount: usd, currency: 'USD', usd } }),
        ...(from !== undefined ? { from } : {}),
        ...(asked.again ? { again: true } : {}),
        ...running(asked),
      },
      ...resources.flatMap((resource) => link(resource, act.caller.narrowest, 'started')),
      ...startedBy.flatMap((starter) => resources.flatMap((resource) => link(resource, starter, 'started'))),
    ];
  };

export type Kept = {
  resource: Subject;
  /** In machines. */
  desired: number;
  most: number;
  type?: string | undefined;
  shape?: Shape | undefined;
  /** Nothing is started by it: it only says how much may run. */
  ceiling?: true;
};

/** What keeps machines up by itself, made or changed; refused, it is a launch that was refused. */
export const keeps =
  (service: Service, what: string, read: (act: Act) => (Kept & { made: boolean }) | undefined): Meaning =>
  (act) => {
    const why = act.error ? refusalOf(act.error) : undefined;
    if (why !== undefined) return [{ kind: 'compute.refused', ...serviceOf(service), what, why }];
    const kept = act.error ? undefined : read(act);
    return kept ? launcher(act, service, kept, kept.made) : acted(act);
  };

/** A launch whose machines are kept up: it starts them again when they are stopped, and can be seen before any machine runs. */
export const andKeeps =
  (service: Service, launch: Meaning, read: (act: Act) => Kept | undefined): Meaning =>
  (act) => {
    const kept = act.error ? undefined : read(act);
    return kept ? [...launch(act), ...launcher(act, service, kept, true)] : launch(act);
  };

function launcher(act: Act, service: Service, { resource, desired, most, type, shape, ceiling }: Kept, made: boolean): Facts[] {
  const of = type !== undefined ? act.shape(plainType(type)) : shape;
  return [
    {
      kind: 'launcher.changed',
      resource,
      desired,
      most,
      ...(of ? { shape: of } : {}),
      ...(ceiling ? { ceiling } : {}),
      ...serviceOf(service),
    },
    ...(made ? link(resource, act.caller.narrowest, 'started') : []),
  ];
}

/** What may be started was written down. */
export const defined = (
  service: Service,
  what: string,
  read: (act: Act) => (Pick<Asked, 'type' | 'shape' | 'spot' | 'image' | 'imageFrom' | 'markers'> & { resource: Subject }) | undefined,
): Meaning =>
  done((act) => {
    const workload = read(act);
    if (!workload) return [];
    const shape = shapeOf(act, { resources: [], count: 0, ...workload });
    return [
      {
        kind: 'workload.defined',
        resource: workload.resource,
        what,
        ...serviceOf(service),
        ...(shape ? { shape } : {}),
        ...running(workload),
      },
      ...link(workload.resource, act.caller.narrowest, 'created'),
    ];
  });

/** A place to start things in was made. */
export const prepared = (service: Service, what: string, read: (act: Act) => Subject | undefined): Meaning =>
  done((act) => {
    const resource = read(act);
    return resource === undefined ? [] : [{ kind: 'ground.prepared', resource, what, ...serviceOf(service) }];
  });

function running({ image, imageFrom, markers }: Pick<Asked, 'image' | 'imageFrom' | 'markers'>) {
  return {
    ...(image !== undefined ? { image: image.slice(0, 256) } : {}),
    ...(imageFrom !== undefined ? { imageFrom } : {}),
    ...(markers !== undefined && markers.length > 0 ? { markers } : {}),
  };
}
