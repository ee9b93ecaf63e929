/** Where an act came from, as far as checks compare places. */
import type { Network, Observation } from './observation.ts';

/** The provider's own service acted for somebody. A machine rented from the provider has an address of its own, and anybody can rent one. */
export const isService = (network: Network | undefined): boolean => network?.kind === 'provider' && network.asn === undefined;

/**
 * One name for the network of an act: its AS number, or, for addresses no table knows, the first half of the address. Undefined when
 * nothing is known of it, or a service acted.
 */
export function networkName({ network }: Pick<Observation, 'network'>): string | undefined {
  if (network === undefined) return undefined;
  const known = named.get(network);
  if (known !== undefined) return known === '' ? undefined : known;
  const name = nameOf(network);
  named.set(network, name ?? '');
  return name;
}

/** Asked of the same few networks again and again. */
const named = new WeakMap<Network, string>();

function nameOf(network: Network): string | undefined {
  if (isService(network)) return undefined;
  if (network.asn !== undefined) return `AS${network.asn}`;
  const { address } = network;
  if (isPrivate.test(address)) return 'private addresses';
  const four = /^(\d{1,3}\.\d{1,3})\.\d{1,3}\.\d{1,3}$/.exec(address);
  if (four) return `${four[1]}.0.0/16`;
  const six = /^([\da-f]{1,4}):([\da-f]{1,4}):/i.exec(address);
  return six ? `${six[1]}:${six[2]}::/32`.toLowerCase() : undefined;
}

/** Networks in which anybody can rent a machine, the provider's own included. */
export const isRented = (network: Network | undefined): boolean =>
  network?.kind === 'hosting' || (network?.kind === 'provider' && network.asn !== undefined);

/** An address on the open internet, as far as it can be read, in nobody's network but not the provider's. */
export const isOutside = (network: Network | undefined): boolean =>
  network !== undefined && network.kind !== 'provider' && networkName({ network }) !== undefined && !isPrivate.test(network.address);

/** RFC 1918, RFC 6598 and RFC 4193: calls from inside, through an endpoint of the provider. */
const isPrivate = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][\da-f]{2}:)/i;
