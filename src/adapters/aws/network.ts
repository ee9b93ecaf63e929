/**
 * Whose network an address is in, from the table of address ranges of the package @ip-location-db/asn (RouteViews, NRO and DB-IP; CC BY
 * 4.0, see NOTICE). Nothing is asked of anybody.
 */
import { fstatSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isIPv4, isIPv6 } from 'node:net';
import type { Network } from '../../checks/observation.ts';

export type NetworkOf = (address: string) => Network;

/** The table, opened when it is first asked for, once. */
export function networkOnDemand(): () => Promise<NetworkOf> {
  let opened: Promise<NetworkOf> | undefined;
  return () => {
    opened ??= openNetwork();
    return opened;
  };
}

/**
 * Opens the table (about half a million ranges); nothing of it is read or held before an address is asked for. When the package's files are
 * missing, every address is in an unknown network: a check that compares networks then compares addresses.
 */
export async function openNetwork(files: { ipv4: string; ipv6: string } | undefined = packagedFiles()): Promise<NetworkOf> {
  if (!files) return plainNetwork;
  const [ipv4, ipv6] = [openTable(files.ipv4, ipv4Number), openTable(files.ipv6, ipv6Number)];
  const known = new Map<string, Network>();

  return (address) => {
    let network = known.get(address);
    if (!network) {
      if (known.size >= 20_000) known.clear();
      network = lookUp(address, ipv4, ipv6);
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

function lookUp(address: string, ipv4: Table, ipv6: Table): Network {
  const found = isIPv4(address) ? find(ipv4, ipv4Number(address)) : isIPv6(address) ? find(ipv6, ipv6Number(address)) : undefined;
  return found ? { address, ...found, kind: kindOf(found.asn, found.name) } : plainNetwork(address);
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

/** A file of rows `first,last,asn,name`, sorted by `first`, without overlaps; the name is in quotes when it has a comma. */
type Table = { file: number; bytes: number; numberOf: (address: string) => number | bigint | undefined };

/** Stays open as long as the process lives. */
function openTable(path: string, numberOf: Table['numberOf']): Table {
  const file = openSync(path, 'r');
  return { file, bytes: fstatSync(file).size, numberOf };
}

/**
 * Halves the file, not a copy of it in memory: some twenty small reads, which the system answers out of its cache, for each address that was
 * not asked lately. Reading half a million ranges at every start would cost more than all the addresses a bot ever asks for.
 */
function find(table: Table, address: number | bigint | undefined): { asn: number; name: string } | undefined {
  if (address === undefined) return undefined;
  const window = Buffer.alloc(longestRow);
  let low = 0;
  let high = table.bytes;
  while (low < high) {
    const middle = (low + high) >> 1;
    const start = rowAfter(table, window, middle, low);
    const row = start < high ? rowAt(table, window, start) : undefined;
    if (row === undefined || address < row.first) high = middle;
    else if (address > row.last) low = row.next;
    else return { asn: row.asn, name: row.name };
  }
  return undefined;
}

/** Where the first row begins at or after this place; `low` is known to be the beginning of one. */
function rowAfter({ file, bytes }: Table, window: Buffer, place: number, low: number): number {
  if (place <= low) return low;
  const read = readSync(file, window, 0, longestRow, place - 1);
  const newline = window.subarray(0, read).indexOf(10);
  return newline < 0 ? bytes : place + newline;
}

function rowAt({ file, numberOf }: Table, window: Buffer, start: number) {
  const read = readSync(file, window, 0, longestRow, start);
  const newline = window.subarray(0, read).indexOf(10);
  const end = newline < 0 ? read : newline;
  const parts = /^([^,]+),([^,]+),(\d+),(.*)$/.exec(window.toString('utf8', 0, end).trimEnd());
  const [first, last] = [numberOf(parts?.[1] ?? ''), numberOf(parts?.[2] ?? '')];
  if (!parts || first === undefined || last === undefined) return undefined;
  const name = (parts[4] ?? '').replace(/^"|"$/g, '').replaceAll('""', '"').slice(0, 120);
  return { first, last, asn: Number(parts[3]), name, next: start + end + 1 };
}

/** Longer than any row. */
const longestRow = 1024;

function ipv4Number(address: string): number | undefined {
  const parts = address.split('.');
  if (parts.length === 1) return Number(address);
  return parts.length === 4 ? parts.reduce((sum, part) => sum * 256 + Number(part), 0) : undefined;
}

/** The first 64 bits: what is routed is never narrower. Mapped IPv4 addresses are not looked up: CloudTrail writes IPv4 plainly. */
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
