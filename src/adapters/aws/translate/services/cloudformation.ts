/** CloudFormation: stacks over many accounts and regions, and the bot's own stack. */
import type { Subject } from '../../../../checks/observation.ts';
import { markersIn } from '../markers.ts';
import { type Act, oursOr, request, type Table, wordsOf } from '../meaning.ts';
import { stackSetSubject, stackSubject } from '../names.ts';
import { at, list, text } from '../reading.ts';
import { defined, launch } from '../starting.ts';

const service = 'CloudFormation';
const stacks = (act: Act): Subject[] => {
  const name = text(request(act.event), 'stackName');
  return name !== undefined ? [stackSubject(act.place, name)] : [];
};
const stackSet = defined(service, 'a stack set', ({ event, place }) => {
  const name = text(request(event), 'stackSetName');
  return name === undefined
    ? undefined
    : {
        resource: stackSetSubject(place, name),
        markers: markersIn(wordsOf(at(request(event), 'templateBody'), at(request(event), 'parameters'))),
      };
});

export const cloudFormation: Table = {
  'cloudformation:CreateStackSet': stackSet,
  'cloudformation:UpdateStackSet': stackSet,
  'cloudformation:CreateStackInstances': launch(service, 'stacks in many places', ({ event, place }) => {
    const name = text(request(event), 'stackSetName');
    const regions = list(request(event), 'regions').length;
    const targets = list(request(event), 'deploymentTargets', 'accounts').length || list(request(event), 'accounts').length;
    return {
      resources: [],
      count: Math.max(1, regions * Math.max(1, targets)),
      from: name !== undefined ? stackSetSubject(place, name) : undefined,
    };
  }),
  'cloudformation:DeleteStack': oursOr('stack deleted', stacks),
  'cloudformation:UpdateStack': oursOr('stack changed', stacks),
  'cloudformation:ExecuteChangeSet': oursOr('stack changed', stacks),
  'cloudformation:SetStackPolicy': oursOr('stack policy changed', stacks),
};
