/** Records as other tools keep them: wrapped in what those add, or with their names in small letters. */

/** Where tools put a record as text: Splunk, Elastic, Graylog, CloudWatch Logs Insights, CloudTrail Lake, SQS, SNS. */
const asText = ['_raw', 'original', 'full_message', '@message', 'eventJson', 'body', 'Message', 'message'] as const;

/** The record that an object holds as text. */
export function textOf(object: Readonly<Record<string, unknown>>): unknown {
  for (const name of asText) {
    const text = object[name];
    const record = typeof text === 'string' && text.includes('eventName') ? parsed(text) : undefined;
    if (record !== undefined) return record;
  }
  return undefined;
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A record with what its envelope says of it, where it does not say it itself: EventBridge and LookupEvents tell the time beside the record,
 * and examples leave it out inside.
 */
export function completed(record: unknown, envelope: Readonly<Record<string, unknown>>): unknown {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return record;
  const { eventName, eventTime } = record as Record<string, unknown>;
  if (eventName !== undefined && eventTime !== undefined) return record;
  const known = Object.entries({
    eventName: envelope.EventName,
    eventTime: envelope.EventTime ?? envelope.time,
    eventSource: envelope.EventSource,
    eventID: envelope.EventId,
    awsRegion: envelope.region,
    recipientAccountId: envelope.account,
  }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(known), ...record };
}

/** Names of a record and of its `userIdentity`, as AWS spells them; Athena and Glue keep them in small letters, Steampipe also apart. */
const spelt: ReadonlyMap<string, string> = new Map(
  [
    ['eventVersion', 'userIdentity', 'eventTime', 'eventSource', 'eventName', 'awsRegion', 'sourceIPAddress', 'userAgent', 'errorCode'],
    ['errorMessage', 'requestParameters', 'responseElements', 'additionalEventData', 'requestID', 'eventID', 'readOnly', 'eventType'],
    ['recipientAccountId', 'serviceEventDetails', 'sharedEventID', 'vpcEndpointId', 'tlsDetails', 'managementEvent', 'eventCategory'],
    [
      'principalId',
      'accountId',
      'accessKeyId',
      'userName',
      'invokedBy',
      'sessionContext',
      'mfaAuthenticated',
      'creationDate',
      'sessionIssuer',
    ],
    ['ec2RoleDelivery', 'webIdFederationData', 'federatedProvider', 'identityProvider', 'onBehalfOf'],
  ]
    .flat()
    .flatMap((name) => [
      [name.toLowerCase(), name],
      [apart(name), name],
    ]),
);
/** sourceIPAddress: source_ip_address. */
function apart(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}
/** Written by the caller or the service, in their own spelling, and there kept as text. */
const kept: ReadonlySet<string> = new Set(['requestParameters', 'responseElements', 'additionalEventData', 'serviceEventDetails']);

const folded = ['userIdentity', 'requestParameters', 'responseElements', 'additionalEventData'] as const;

/** A record as AWS wrote it, where a table kept parts of it as text. */
export function unfolded(record: object): object {
  let made = record;
  for (const name of folded) {
    const text = (record as Record<string, unknown>)[name];
    // Nearly every record of every log is asked this, and has none.
    if (typeof text !== 'string' || !text.startsWith('{')) continue;
    const part = parsed(text);
    if (part !== undefined) made = { ...made, [name]: part };
  }
  return made;
}

/** A record whose names are in small letters, as AWS would have written it; undefined for anything else. */
export function respelt(object: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  if (isNamed(object.eventname) && object.eventtime !== undefined) return renamed(object, 0);
  // Others have events with names and times, too.
  if (isNamed(object.event_name) && object.event_time !== undefined && isNamed(object.event_source)) return renamed(object, 0);
  return fromTable(object);
}

const isNamed = (name: unknown): boolean => typeof name === 'string' && name !== '';

/** A row of the table AWSCloudTrail of Microsoft Sentinel, which has a column for each part of who it was. */
function fromTable(row: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  if (!isNamed(row.EventName) || row.TimeGenerated === undefined) return undefined;
  const parts = (prefix: string): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(row).flatMap(([name, value]) => {
        if (!name.startsWith(prefix) || value === undefined || value === null || value === '') return [];
        const rest = name.slice(prefix.length);
        return [[spelt.get(rest.toLowerCase()) ?? rest.charAt(0).toLowerCase() + rest.slice(1), value]];
      }),
    );
  const issuer = parts('SessionIssuer');
  const attributes = { mfaAuthenticated: row.SessionMfaAuthenticated, creationDate: row.SessionCreationDate };
  const sessionContext = { attributes, ...(Object.keys(issuer).length > 0 ? { sessionIssuer: issuer } : {}) };
  const told = Object.entries({
    eventTime: row.TimeGenerated,
    eventName: row.EventName,
    eventSource: row.EventSource,
    eventID: row.AwsEventId,
    awsRegion: row.AWSRegion,
    sourceIPAddress: row.SourceIpAddress,
    userAgent: row.UserAgent,
    errorCode: row.ErrorCode,
    errorMessage: row.ErrorMessage,
    recipientAccountId: row.RecipientAccountId,
    requestParameters: row.RequestParameters,
    responseElements: row.ResponseElements,
    additionalEventData: row.AdditionalEventData,
  }).filter(([, value]) => value !== undefined && value !== '');
  return unfolded({ ...Object.fromEntries(told), userIdentity: { ...parts('UserIdentity'), sessionContext } }) as Record<string, unknown>;
}

function renamed(object: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) {
    const proper = spelt.get(name) ?? name;
    // A name that a record cannot have is not made one by assigning it.
    if (proper === '__proto__') continue;
    if (kept.has(proper)) record[proper] = typeof value === 'string' ? (parsed(value) ?? null) : value;
    else if (typeof value === 'object' && value !== null && !Array.isArray(value) && depth < 4)
      record[proper] = renamed(value as Record<string, unknown>, depth + 1);
    else record[proper] = value;
  }
  return record;
}
