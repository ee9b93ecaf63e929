import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../../src/adapters/aws/logs/events.ts';

const record = { eventTime: '2026-06-18T10:00:00Z', eventSource: 'cloudtrail.amazonaws.com', eventName: 'StopLogging' };
const other = { ...record, eventName: 'DeleteTrail' };
const text = JSON.stringify(record);
const events = (value: unknown): unknown[] => eventsOf(value).flatMap((one) => (one.kind === 'event' ? [one.event] : []));

describe('a record that another tool keeps', () => {
  it.each([
    ['what Splunk exports', { preview: false, result: { _raw: text } }],
    ['what Elastic keeps of it', { '@timestamp': record.eventTime, event: { original: text, kind: 'event' } }],
    ['what a search returns', { hits: { total: 1, hits: [{ _source: record }] } }],
    ['what Wazuh keeps of it', { integration: 'aws', aws: record }],
    ['what Graylog keeps of it', { short_message: 'StopLogging', full_message: text }],
    ['a row of Logs Insights', [{ '@timestamp': '2026-06-18 10:00:00', '@message': text }]],
    ['a row of CloudTrail Lake', { QueryResultRows: [[{ eventJson: text }]] }],
    ['a case that says what it is', [{ name: 'logging stopped', label: 'attack', event: record }]],
    ['the tests of a rule', { RuleID: 'x', Tests: [{ Name: 'stopped', ExpectedResult: true, Log: record }] }],
  ])('is found in %s', (_, value) => {
    expect(events(value)).toEqual([record]);
  });

  it('takes from its envelope what it does not say itself, and nothing else', () => {
    const { eventTime, eventName, ...rest } = { ...record, userIdentity: { userName: 'ada' } };
    const bus = { source: 'aws.cloudtrail', time: eventTime, region: 'eu-west-1', account: '111122223333', detail: { eventName, ...rest } };
    const looked = { EventName: eventName, EventTime: eventTime, EventId: 'x', Username: 'ada', CloudTrailEvent: JSON.stringify(rest) };

    expect(events(bus)).toEqual([{ ...rest, eventName, eventTime, awsRegion: 'eu-west-1', recipientAccountId: '111122223333' }]);
    expect(events({ Events: [looked] })).toEqual([{ ...rest, eventName, eventTime, eventID: 'x' }]);
    expect(events({ ...bus, detail: record })).toEqual([record]);
  });

  it('is found in a message about it, in a queue', () => {
    const bus = { source: 'aws.cloudtrail', time: record.eventTime, detail: record };

    expect(events({ Records: [{ Sns: { Message: JSON.stringify(bus) } }] })).toEqual([record]);
    expect(events({ Messages: [{ body: JSON.stringify(bus) }] })).toEqual([record]);
  });

  it('is found beside others, and once when it is there as text and in fields', () => {
    expect(events({ stopped: record, deleted: other })).toEqual([record, other]);
    expect(events({ message: 'a call', event: { original: text, fields: record } })).toEqual([record]);
  });

  it('is not looked for in a record: what a caller sent along is no call', () => {
    const carrier = { ...record, eventName: 'PutObject', requestParameters: { Records: [other], message: text } };

    expect(events({ case: carrier })).toEqual([carrier]);
  });

  it('is found in a table that takes its names apart', () => {
    const row = {
      event_time: record.eventTime,
      event_source: record.eventSource,
      event_name: record.eventName,
      source_ip_address: '192.0.2.7',
      user_identity: { type: 'IAMUser', access_key_id: 'AKIAIOSFODNN7EXAMPLE' },
      request_parameters: { name: 't', trail_name: 'as it was written' },
    };

    expect(events([row])).toEqual([
      {
        ...record,
        sourceIPAddress: '192.0.2.7',
        userIdentity: { type: 'IAMUser', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' },
        requestParameters: row.request_parameters,
      },
    ]);
  });

  it('is found in a row of Sentinel’s table, and not in an answer of LookupEvents without the record itself', () => {
    const arn = 'arn:aws:iam::123456789012:role/deploy';
    const row = {
      TimeGenerated: record.eventTime,
      EventName: record.eventName,
      EventSource: record.eventSource,
      AwsEventId: 'e-1',
      UserIdentityType: 'AssumedRole',
      UserIdentityAccessKeyId: 'ASIAIOSFODNN7EXAMPLE',
      UserIdentityUserName: '',
      SessionIssuerArn: arn,
      SessionMfaAuthenticated: false,
      ErrorCode: '',
      RequestParameters: '{"name":"t"}',
    };

    expect(events([row])).toMatchObject([
      {
        ...record,
        eventID: 'e-1',
        requestParameters: { name: 't' },
        userIdentity: {
          type: 'AssumedRole',
          accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
          sessionContext: { attributes: { mfaAuthenticated: false }, sessionIssuer: { arn } },
        },
      },
    ]);
    expect(events([row])[0]).not.toHaveProperty('errorCode');
    expect(events({ EventName: 'StopLogging', EventTime: record.eventTime })).toEqual([]);
  });

  it('is not made of what describes many calls, or of anything else', () => {
    const insight = { eventTime: record.eventTime, insightDetails: { eventName: 'RunInstances', eventSource: 'ec2.amazonaws.com' } };

    expect(eventsOf(insight)).toEqual([{ kind: 'not a record' }]);
    expect(eventsOf({ event_name: 'page_view', event_time: record.eventTime })).toEqual([{ kind: 'not a record' }]);
    expect(eventsOf({ message: 'eventName is not here' })).toEqual([{ kind: 'broken record' }]);
    expect(eventsOf({ a: { b: [1, 'eventName', null] } })).toEqual([{ kind: 'not a record' }]);
  });

  it('is not looked for without an end', () => {
    const deep = Array.from({ length: 50 }).reduce<object>((within) => ({ within }), record);

    expect(eventsOf(deep)).toEqual([{ kind: 'not a record' }]);
  });
});

describe('a record whose parts a table kept as text', () => {
  it('reads as AWS wrote it, and what is text is left as text', () => {
    const asked = { userName: 'ada', policyDocument: '{"Version":"2012-10-17"}' };
    const row = { ...record, requestParameters: JSON.stringify(asked), responseElements: 'null', userIdentity: '{broken' };

    expect(events(row)).toEqual([{ ...row, requestParameters: asked }]);
    expect(events({ ...record, requestParameters: asked })).toEqual([{ ...record, requestParameters: asked }]);
  });
});

describe('a record whose names are in small letters', () => {
  it('reads as AWS wrote it', () => {
    const row = {
      eventtime: record.eventTime,
      eventsource: record.eventSource,
      eventname: record.eventName,
      sourceipaddress: '198.51.100.7',
      useridentity: { type: 'IAMUser', accesskeyid: 'AKIAEXAMPLE', sessioncontext: { attributes: { mfaauthenticated: 'false' } } },
      requestparameters: '{"userName":"ada"}',
      responseelements: null,
    };

    expect(events(row)).toEqual([
      {
        ...record,
        sourceIPAddress: '198.51.100.7',
        userIdentity: { type: 'IAMUser', accessKeyId: 'AKIAEXAMPLE', sessionContext: { attributes: { mfaAuthenticated: 'false' } } },
        requestParameters: { userName: 'ada' },
        responseElements: null,
      },
    ]);
  });

  it('is left alone where the names are as AWS wrote them', () => {
    const proper = { ...record, requestParameters: { eventname: 'x', username: 'ada' } };

    expect(events(proper)).toEqual([proper]);
  });
});
