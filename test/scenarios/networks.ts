import { BlockList, isIPv4 } from 'node:net';
import type { Simulated } from '../../src/adapters/simulated/simulated.ts';
import type { Network } from '../../src/checks/observation.ts';

/** The scenario's made-up addresses, in the networks it says they are in. */
export function networkOf(networks: Simulated['networks']): (address: string) => Network {
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
