/**
 * Whose network an address is in, from the table of address ranges of the package @ip-location-db/asn (RouteViews, NRO and DB-IP; CC BY
 * 4.0, see NOTICE). Nothing is asked of anybody.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { isIPv4, isIPv6 } from 'node:net';
import type { Network } from '../../checks/observation.ts';

export type NetworkOf = (address: string) => Network;

/** The table, read when it is first asked for, once. */
export function networkOnDemand(): () => Promise<NetworkOf> {
  let opened: Promise<NetworkOf> | undefined;
  return () => {
    opened ??= openNetwork();
    return opened;
  };
}

/**
 * Reads the table (about half a million ranges, 10 MB in memory) in small pieces, so that the event loop is never held up. When the
 * package's files are missing, every address is in an unknown network: a check that compares networks then compares addresses.
 */
export async function openNetwork(files: { ipv4: string; ipv6: string } | undefined = packagedFiles()): Promise<NetworkOf> {
  if (!files) return plainNetwork;
  const names = new Map<number, string>();
  const [ipv4, ipv6] = [await readRanges(files.ipv4, ipv4Number, names), await readRanges(files.ipv6, ipv6Number, names)];
  const known = new Map<string, Network>();

  return (address) => {
    let network = known.get(address);
    if (!network) {
      if (known.size >= 20_000) known.clear();
      network = lookUp(address, ipv4, ipv6, names);
      known.set(address, network);
    }
    return network;
  };
}

/** What an address says without any table: AWS's own services are named, not numbered. */
export const plainNetwork: NetworkOf = (address) =>
  /\.amazonaws\.com(?:\.cn)?$|^AWS Internal$/i.test(address)
    ? { address: address.slice(0, 256), name: 'AWS', kind: 'provider' }
    : { address: address.slice(0, 256), kind: 'unknown' };

function lookUp(address: string, ipv4: Ranges, ipv6: Ranges, names: Map<number, string>): Network {
  const asn = isIPv4(address) ? find(ipv4, ipv4Number(address)) : isIPv6(address) ? find(ipv6, ipv6Number(address)) : undefined;
  if (asn === undefined) return plainNetwork(address);
  const name = names.get(asn) ?? `AS${asn}`;
  return { address, asn, name, kind: kindOf(asn, name) };
}

// ---- the kind of a network --------------------------------------------------------------------------------------------------

/** Amazon's own networks. */
const amazon = new Set([16509, 14618, 8987, 7224, 19047, 39111, 62785]);
/** Rented machines, VPN exits and content networks whose names do not say so. */
const hosting = new Set([
  8075, 15169, 396982, 14061, 16276, 24940, 63949, 20473, 60781, 28753, 30633, 9009, 51167, 12876, 31898, 45102, 37963, 132203, 36351,
  13335, 212238, 60068, 62240, 53667, 197540, 8560, 36352, 55286, 49981, 200019, 44477, 202425, 210644, 29802, 46606, 26496, 19318, 8100,
  35916, 40021, 398101, 54290, 55293, 32244, 33070, 19871, 136787, 147049, 141039, 39351, 207137, 49453, 58061,
]);
const hostingWords =
  /\b(?:v?hosting|hosted|host(?:er|ing|inger|winds|sailor|us)?|cloud\w*|servers?|dedicated|vps|vpn|proxy|proxies|colo(?:cation|crossing)?|data ?cent(?:er|re|rum)s?|digitalocean|ovh|hetzner|linode|akamai|vultr|choopa|leaseweb|m247|contabo|scaleway|alibaba|aliyun|tencent|rackspace|softlayer|oracle|google|microsoft|azure|ionos|netcup|datacamp|cdn\w*|nord\w*|mullvad|tor exit|frantech|psychz|quadranet|zenlayer)\b/i;
const homeWords =
  /\b(?:comcast|verizon|at&t|att|charter|spectrum|cox communications|centurylink|frontier communications|vodafone|telef[oó]nica|orange s\.?a|deutsche telekom|telekom|british telecom\w*|bt|sky uk|virgin media|talktalk|kpn|ziggo|swisscom|telia|telenor|tele2|t-mobile|airtel|reliance jio|jio|docomo|kddi|softbank|telstra|optus|rogers|bell canada|telus|shaw|free sas|sfr|bouygues|proximus|telenet|liberty global|turk telekom|korea telecom|sk broadband|chunghwa|claro|movistar|broadband|cable|dsl|residential|mobile|wireless)\b/i;

function kindOf(asn: number, name: string): Network['kind'] {
  if (amazon.has(asn)) return 'provider';
  if (hosting.has(asn) || hostingWords.test(name)) return 'hosting';
  return homeWords.test(name) ? 'home' : 'unknown';
}

// ---- the table --------------------------------------------------------------------------------------------------------------

/** Sorted, without overlaps. IPv6 is cut to its first 64 bits: what is routed is never narrower. */
type Ranges = { first: Uint32Array | BigUint64Array; last: Uint32Array | BigUint64Array; asn: Uint32Array };

function find({ first, last, asn }: Ranges, address: number | bigint | undefined): number | undefined {
  if (address === undefined) return undefined;
  let low = 0;
  let high = first.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((first[middle] ?? 0) > address) high = middle - 1;
    else if ((last[middle] ?? 0) < address) low = middle + 1;
    else return asn[middle];
  }
  return undefined;
}

/**
 * Rows are `first,last,asn,name`, the name in quotes when it has a comma. Read by hand from the bytes: half a million rows in half a
 * second, without leaving half a million strings behind.
 */
async function readRanges(
  file: string,
  numberOf: (address: string) => number | bigint | undefined,
  names: Map<number, string>,
): Promise<Ranges> {
  const isIpv6 = numberOf === ipv6Number;
  const room = Math.ceil((await stat(file)).size / shortestRow);
  const first = isIpv6 ? new BigUint64Array(room) : new Uint32Array(room);
  const last = isIpv6 ? new BigUint64Array(room) : new Uint32Array(room);
  const asns = new Uint32Array(room);
  let count = 0;

  const row = (bytes: Buffer, start: number, end: number): void => {
    const a = bytes.indexOf(comma, start);
    const b = bytes.indexOf(comma, a + 1);
    const c = bytes.indexOf(comma, b + 1);
    if (a < 0 || b < 0 || c < 0 || c > end) return;
    const asn = digits(bytes, b + 1, c);
    const from = isIpv6 ? numberOf(bytes.toString('latin1', start, a)) : digits(bytes, start, a);
    const to = isIpv6 ? numberOf(bytes.toString('latin1', a + 1, b)) : digits(bytes, a + 1, b);
    if (asn === undefined || from === undefined || to === undefined || count >= room) return;
    first[count] = from;
    last[count] = to;
    asns[count] = asn;
    count += 1;
    if (!names.has(asn))
      names.set(
        asn,
        bytes
          .toString('utf8', c + 1, end)
          .trim()
          .replace(/^"|"$/g, '')
          .replaceAll('""', '"')
          .slice(0, 120),
      );
  };

  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      row(bytes, start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
    // A file in the page cache arrives without a pause of its own.
    await new Promise((resume) => setImmediate(resume));
  }
  if (rest.length > 0) row(rest, 0, rest.length);
  return { first: first.slice(0, count), last: last.slice(0, count), asn: asns.slice(0, count) };
}

const comma = 44;
const newline = 10;
/** `1,2,3,A` and its end. */
const shortestRow = 16;

function digits(bytes: Buffer, start: number, end: number): number | undefined {
  let value = 0;
  for (let index = start; index < end; index += 1) {
    const digit = (bytes[index] ?? 0) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return end > start ? value : undefined;
}

function ipv4Number(address: string): number | undefined {
  const parts = address.split('.');
  if (parts.length === 1) return Number(address);
  return parts.length === 4 ? parts.reduce((sum, part) => sum * 256 + Number(part), 0) : undefined;
}

/** The first 64 bits. Mapped IPv4 addresses are not looked up: CloudTrail writes IPv4 plainly. */
function ipv6Number(address: string): bigint | undefined {
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  if (tail !== undefined) while (groups.length + after.length < 8) groups.push('0');
  const first = [...groups, ...after].slice(0, 4);
  if (first.length < 4) return undefined;
  if (first.some((group) => !/^[\da-f]{1,4}$/i.test(group))) return undefined;
  return first.reduce((sum, group) => (sum << 16n) | BigInt(Number.parseInt(group, 16)), 0n);
}

function packagedFiles(): { ipv4: string; ipv6: string } | undefined {
  try {
    const require = createRequire(import.meta.url);
    return { ipv4: require.resolve('@ip-location-db/asn/asn-ipv4-num.csv'), ipv6: require.resolve('@ip-location-db/asn/asn-ipv6.csv') };
  } catch {
    return undefined;
  }
}
