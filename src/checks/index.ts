/** Every check there is, in the order in which the pages list them. A test proves the list complete. */
import type { AnyCheck } from './check.ts';
import { containerMinerShape } from './compute/container-miner-shape.ts';
import { firstUseOfService } from './compute/first-use-of-service.ts';
import { functionsSurge } from './compute/functions-surge.ts';
import { launchBurstOverRegions } from './compute/launch-burst-over-regions.ts';
import { launcherGrown } from './compute/launcher-grown.ts';
import { minerMarker } from './compute/miner-marker.ts';
import { neverUsedRegion } from './compute/never-used-region.ts';
import { newAcceleratorFamily } from './compute/new-accelerator-family.ts';
import { peggedProcessor } from './compute/pegged-processor.ts';
import { protectionSet } from './compute/protection-set.ts';
import { providerSawMining } from './compute/provider-saw-mining.ts';
import { refusedProbes } from './compute/refused-probes.ts';
import { spotSurge } from './compute/spot-surge.ts';
import { startedFromAfar } from './compute/started-from-afar.ts';
import { vcpuJump } from './compute/vcpu-jump.ts';
import { probeLate } from './coverage/probe-late.ts';
import { queueBehind } from './coverage/queue-behind.ts';
import { auditLogStopped } from './evasion/audit-log-stopped.ts';
import { moneyAlarmRemoved } from './evasion/money-alarm-removed.ts';
import { ownPlumbingTouched } from './evasion/own-plumbing-touched.ts';
import { ownRoleMisused } from './evasion/own-role-misused.ts';
import { threatDetectorWeakened } from './evasion/threat-detector-weakened.ts';
import { tracesRemoved } from './evasion/traces-removed.ts';
import { deniedBurst } from './identity/denied-burst.ts';
import { dormantIdentity } from './identity/dormant-identity.ts';
import { federationFromKey } from './identity/federation-from-key.ts';
import { keyFromNewNetwork } from './identity/key-from-new-network.ts';
import { leakedCredential } from './identity/leaked-credential.ts';
import { lookingAround } from './identity/looking-around.ts';
import { machineSessionElsewhere } from './identity/machine-session-elsewhere.ts';
import { ownerChanged } from './identity/owner-changed.ts';
import { quotaAsked } from './identity/quota-asked.ts';
import { regionOpened } from './identity/region-opened.ts';
import { rootActed } from './identity/root-acted.ts';
import { rootKey } from './identity/root-key.ts';
import { secondFactorRemoved } from './identity/second-factor-removed.ts';
import { signInFromNewNetwork } from './identity/sign-in-from-new-network.ts';
import { signInGuessed } from './identity/sign-in-guessed.ts';
import { signInWithoutSecondFactor } from './identity/sign-in-without-second-factor.ts';
import { supportAsked } from './identity/support-asked.ts';
import { adminRightsGiven } from './persistence/admin-rights-given.ts';
import { adminUserChain } from './persistence/admin-user-chain.ts';
import { federationProvider } from './persistence/federation-provider.ts';
import { functionOverwritten } from './persistence/function-overwritten.ts';
import { keyForAnotherUser } from './persistence/key-for-another-user.ts';
import { organizationChanged } from './persistence/organization-changed.ts';
import { publicFunction } from './persistence/public-function.ts';
import { scheduleSet } from './persistence/schedule-set.ts';
import { trustOpened } from './persistence/trust-opened.ts';
import { userMade } from './persistence/user-made.ts';
import { aboveOwnHistory } from './spend/above-own-history.ts';
import { commitmentBought } from './spend/commitment-bought.ts';
import { modelsSurge } from './spend/models-surge.ts';
import { runRateAboveUsual } from './spend/run-rate-above-usual.ts';

export const checks: readonly AnyCheck[] = [
  neverUsedRegion,
  newAcceleratorFamily,
  vcpuJump,
  launchBurstOverRegions,
  launcherGrown,
  refusedProbes,
  containerMinerShape,
  firstUseOfService,
  functionsSurge,
  minerMarker,
  peggedProcessor,
  protectionSet,
  providerSawMining,
  spotSurge,
  startedFromAfar,
  keyFromNewNetwork,
  leakedCredential,
  rootActed,
  deniedBurst,
  dormantIdentity,
  federationFromKey,
  lookingAround,
  machineSessionElsewhere,
  ownerChanged,
  quotaAsked,
  regionOpened,
  rootKey,
  secondFactorRemoved,
  signInFromNewNetwork,
  signInGuessed,
  signInWithoutSecondFactor,
  supportAsked,
  adminUserChain,
  trustOpened,
  userMade,
  adminRightsGiven,
  federationProvider,
  functionOverwritten,
  keyForAnotherUser,
  organizationChanged,
  publicFunction,
  scheduleSet,
  auditLogStopped,
  moneyAlarmRemoved,
  ownPlumbingTouched,
  ownRoleMisused,
  threatDetectorWeakened,
  tracesRemoved,
  aboveOwnHistory,
  commitmentBought,
  modelsSurge,
  runRateAboveUsual,
  probeLate,
  queueBehind,
];
