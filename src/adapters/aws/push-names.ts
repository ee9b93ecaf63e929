/** Every name that the push template makes begins so; the reading role may read queues of such names and no others. */
export const pushPrefix = 'cloudwarden-';
export const queueName = `${pushPrefix}events`;
/** What the key pairs are called that the bot pretends to remove (sources/probe.ts); they exist nowhere. */
export const probePrefix = `${pushPrefix}probe-`;
