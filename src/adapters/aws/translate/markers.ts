/** What betrays mining in what a machine or container is told to run: user data, images, commands, build specifications. Pure. */
import type { Marker } from '../../../checks/observation.ts';

/**
 * Names of miners, pools, wallets and images known from incidents that stand in this text, each once, words in small letters and cut to
 * 60 characters. Takes plain text and base64; of very long texts the first 256 KB count. The text itself is not kept. Never throws.
 */
export function markersIn(text: string | undefined): Marker[] {
  if (text === undefined || text === '') return [];
  const cut = text.slice(0, mostText);
  const found = new Map<string, Marker>();
  for (const readable of [cut, ...decoded(cut)]) {
    for (const { kind, pattern } of signs) {
      for (const match of readable.matchAll(pattern)) {
        const word = (match[1] ?? match[0]).toLowerCase().slice(0, 60);
        found.set(`${kind} ${word}`, { kind, word });
        if (found.size >= mostMarkers) return [...found.values()];
      }
    }
  }
  return [...found.values()];
}

const mostText = 262_144;
const mostMarkers = 20;

/**
 * Miners by the names of their programs and algorithms (Elastic and Falco list the same families), pools by the mining protocol and by the
 * hosts of the largest pools, wallets by an address given as a program's argument, images from published incidents (AWS security blog,
 * December 2025; Sysdig, AMBERSQUID, September 2023; Datadog, ECS, 2024). A name may raise a finding; no check depends on one.
 */
const signs: { kind: Marker['kind']; pattern: RegExp }[] = [
  {
    kind: 'miner',
    pattern:
      /(?<![a-z0-9])(xmrig(?:-[a-z]+)?|xmr-stak|srbminer(?:-multi)?|lolminer|nbminer|gminer|t-rex-miner|trex-miner|teamredminer|phoenixminer|ethminer|cpuminer(?:-[a-z]+)?|minerd|ccminer|bfgminer|cgminer|nanominer|wildrig(?:-multi)?|bzminer|onezerominer|rigel-miner|cryptonight|randomx|kawpow|ethash|verushash|ghostrider|nicehash|moneroocean|c3pool|unmineable|kinsing|kdevtmpfsi|claymore|packetcrypt|tidecoin|nimiq)(?![a-z0-9])/gi,
  },
  {
    kind: 'miner',
    pattern:
      /(?<!\S)(--(?:donate-level|coin[= ](?:monero|xmr|rvn|etc|kas)|randomx-[a-z0-9-]+|cpu-max-threads-hint|nicehash))(?![a-z0-9])/gi,
  },
  { kind: 'pool', pattern: /(stratum\d?\+(?:tcp|tls|ssl|udp|http)s?:\/\/[^\s"'\\,;]{0,120})/gi },
  {
    kind: 'pool',
    pattern:
      /(?<![a-z0-9-])((?:[a-z0-9-]{1,40}\.){0,4}(?:supportxmr\.com|nanopool\.org|minexmr\.com|moneroocean\.stream|c3pool\.(?:com|org)|hashvault\.pro|2miners\.com|f2pool\.com|ethermine\.org|flypool\.org|herominers\.com|unmineable\.com|nicehash\.com|woolypooly\.com|zpool\.ca|zergpool\.com|mining-dutch\.nl|prohashing\.com|monerohash\.com|dwarfpool\.com|xmrpool\.(?:eu|net)|kryptex\.network|luckpool\.net|rplant\.xyz|hashrate\.to))(?![a-z0-9-])/gi,
  },
  // Monero (95 or 106 letters and digits, first 4 or 8) has a shape of its own; others only as the argument of a user.
  { kind: 'wallet', pattern: /(?<![a-z0-9])([48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}(?:[1-9A-HJ-NP-Za-km-z]{11})?)(?![a-z0-9])/g },
  {
    kind: 'wallet',
    pattern:
      /(?:--?(?:user|wallet|address|u|w)(?:["',\s=]+))((?:0x[0-9a-f]{40}|bc1[a-z0-9]{25,60}|[13][1-9a-hj-np-z]{25,34}|ltc1[a-z0-9]{30,60}|kaspa:[a-z0-9]{50,70}|R[1-9a-hj-np-z]{33}|NHb[1-9a-z]{30,40}))(?![a-z0-9])/gi,
  },
  {
    kind: 'image',
    pattern:
      /(?<![a-z0-9/])((?:docker\.io\/)?(?:yenik65958\/secret|delbidaluan\/[a-z0-9._-]+|epicx\/[a-z0-9._-]+|jetrusdoc\/[a-z0-9._-]+))/gi,
  },
];

/** User data and commands are often wrapped once in base64; long runs of its letters are opened, a few at most. */
function decoded(text: string): string[] {
  const runs = text.match(/[A-Za-z0-9+/]{40,}={0,2}/g) ?? [];
  return runs.slice(0, 8).flatMap((run) => {
    const plain = Buffer.from(run, 'base64').toString('latin1');
    // Bytes that are no text: this was something else.
    return [...plain.slice(0, 200)].some((letter) => letter < '\t' || (letter > '\r' && letter < ' ')) ? [] : [plain];
  });
}
