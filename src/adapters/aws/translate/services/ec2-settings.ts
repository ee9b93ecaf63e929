/** What EC2's machines are told to run, and how they are guarded against being stopped. */
import type { Place, Subject } from '../../../../checks/observation.ts';
import { markersIn } from '../markers.ts';
import { answer, type Meaning, request, wordsOf } from '../meaning.ts';
import { instanceSubject, launchTemplateSubject } from '../names.ts';
import { at, flag, list, text } from '../reading.ts';
import { defined } from '../starting.ts';

/** The name is in the request and the id in the answer; a new version names one of them. */
export const launchTemplate = defined(undefined, 'a launch template', ({ event, place }) => {
  const asked = request(event, 'CreateLaunchTemplateRequest') ?? request(event, 'CreateLaunchTemplateVersionRequest') ?? request(event);
  const answered = answer(event, 'CreateLaunchTemplateResponse') ?? answer(event, 'CreateLaunchTemplateVersionResponse') ?? answer(event);
  const made = at(answered, 'launchTemplate') ?? at(answered, 'launchTemplateVersion');
  const resource = templateOf(place, made) ?? templateOf(place, asked);
  const content = at(asked, 'LaunchTemplateData');
  if (resource === undefined) return undefined;
  return {
    resource,
    type: text(content, 'InstanceType'),
    spot: text(content, 'InstanceMarketOptions', 'MarketType') === 'spot',
    // CloudTrail blanks user data; where a copy of a record still has it, it is read.
    markers: markersIn(wordsOf(at(content, 'UserData'))),
  };
});

const protections = [
  ['disableApiTermination', 'ending'],
  ['disableApiStop', 'stopping'],
] as const;

/**
 * `disableApiTermination: { value: true }`, or, from older clients, `attribute: 'disableApiTermination', value: …`, where CloudTrail blanks
 * the value: what is not plainly switched off counts as switched on.
 */
export const protection: Meaning = (act) => {
  const { event, place } = act;
  const resources = instancesOf([request(event)], place);
  if (resources.length === 0) return [];
  const attribute = text(request(event), 'attribute')?.toLowerCase();
  return protections
    .filter(([name]) =>
      attribute === name.toLowerCase()
        ? text(request(event), 'value')?.toLowerCase() !== 'false' && flag(request(event), 'value') !== false
        : flag(request(event), name) === true,
    )
    .map(([, against]) => ({ kind: 'protection.set', resources, against }));
};

/** What a machine is told to run when it next starts; CloudTrail blanks the text. */
export const rewritten: Meaning = ({ event, place }) => {
  const isText = text(request(event), 'attribute') === 'userData' || at(request(event), 'userData') !== undefined;
  const markers = isText ? markersIn(wordsOf(at(request(event), 'userData'), at(request(event), 'value'))) : [];
  return !isText
    ? []
    : instancesOf([request(event)], place).map((resource) => ({
        kind: 'workload.defined',
        resource,
        what: 'the start-up script of an EC2 instance',
        ...(markers.length > 0 ? { markers } : {}),
      }));
};

/** A launch may set it at once. */
export const protectedAtLaunch: Meaning = (act) => {
  if (act.error) return [];
  const resources = instancesOf(list(answer(act.event), 'instancesSet'), act.place);
  return protections
    .filter(([name]) => flag(request(act.event), name) === true)
    .map(([, against]) => ({ kind: 'protection.set', resources, against }));
};

/** Machines named in a list of a request or answer. */
export const instancesOf = (set: unknown[], place: Place): Subject[] =>
  set.flatMap((one) => {
    const instance = typeof one === 'string' ? one : text(one, 'instanceId');
    return instance !== undefined ? [instanceSubject(place, instance)] : [];
  });

/** The launch template a request names, by id where it has one. */
export const templateOf = (place: Place, named: unknown): Subject | undefined => {
  const template = text(named, 'launchTemplateId') ?? text(named, 'launchTemplateName');
  return template !== undefined ? launchTemplateSubject(place, template) : undefined;
};
