/** Every check there is, in the order in which the pages list them. A test proves the list complete. */
import type { AnyCheck } from './check.ts';
import { launchBurstOverRegions } from './compute/launch-burst-over-regions.ts';
import { launcherGrown } from './compute/launcher-grown.ts';
import { neverUsedRegion } from './compute/never-used-region.ts';
import { newAcceleratorFamily } from './compute/new-accelerator-family.ts';
import { refusedProbes } from './compute/refused-probes.ts';
import { vcpuJump } from './compute/vcpu-jump.ts';
import { auditLogStopped } from './evasion/audit-log-stopped.ts';
import { keyFromNewNetwork } from './identity/key-from-new-network.ts';
import { leakedCredential } from './identity/leaked-credential.ts';
import { rootActed } from './identity/root-acted.ts';
import { adminUserChain } from './persistence/admin-user-chain.ts';
import { trustOpened } from './persistence/trust-opened.ts';
import { aboveOwnHistory } from './spend/above-own-history.ts';

export const checks: readonly AnyCheck[] = [
  neverUsedRegion,
  newAcceleratorFamily,
  vcpuJump,
  launchBurstOverRegions,
  launcherGrown,
  refusedProbes,
  keyFromNewNetwork,
  leakedCredential,
  rootActed,
  adminUserChain,
  trustOpened,
  auditLogStopped,
  aboveOwnHistory,
];
