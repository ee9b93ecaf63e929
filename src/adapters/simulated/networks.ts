import { BlockList, isIPv4 } from 'node:net';
import type { Network } from '../../checks/observation.ts';
import type { Scenario } from './scenario.ts';

/** The scenario's made-up addresses, in the networks it says they are in. */
export function networkOf(networks: Scenario['networks']): (address: string) => Network {
  const ranges = networks.map(({ range, asn, name, kind }) => {
    const list = new BlockList();
    const [address = '', bits] = range.split('/');
    list.addSubnet(address, Number(bits));
    return { list, asn, name, kind };
  });
  return (address) => {
    const found = isIPv4(address) ? ranges.find(({ list }) => list.check(address)) : undefined;
    return found
      ? { address, asn: found.asn, name: found.name, kind: found.kind }
      : { address, kind: address.endsWith('.amazonaws.com') ? 'provider' : 'unknown' };
  };
}
