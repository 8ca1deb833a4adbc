/**
 * A process of a team, and nothing else of the program: says `ready` when it is connected, waits for a word, asks so many
 * times at once whether a call may go out, and says how often it may as JSON. Arguments: address, name, calls a minute, attempts.
 */
import { parseRedisAddress, type RedisAddress } from '../../src/cache/redis-address.ts';
import { connectRedis } from '../../src/cache/redis-connection.ts';
import { createRedisLimits } from '../../src/cache/redis-limits.ts';
import { createRedisLink } from '../../src/cache/redis-link.ts';
import type { Clock } from '../../src/domain/ports.ts';
import { systemClock } from '../../src/util/system-clock.ts';

export interface FleetMemberReport {
  readonly admitted: number;
  /** Attempts that the server did not answer in time. */
  readonly unanswered: number;
}

const [address = '', member = '', perMinute = '', attempts = ''] = process.argv.slice(2);
/** Fifty processes on one machine wait for each other: how fast the answers come is not what is tested. */
const patientClock: Clock = {
  ...systemClock,
  setTimeout: (callback, milliseconds) => systemClock.setTimeout(callback, milliseconds * 100),
};
const link = createRedisLink({
  clock: patientClock,
  log: { error() {}, warn() {}, info() {}, debug() {} },
  connect: async ({ onLost }) =>
    connectRedis(parseRedisAddress(address) as RedisAddress, {
      onReady: () => void process.stdout.write('ready\n'),
      onLost,
    }),
});
const limits = createRedisLimits({ link, clock: patientClock, member })('account');

async function attempt(): Promise<FleetMemberReport> {
  let admitted = 0;
  let unanswered = 0;
  for (let time = 0; time < Number(attempts); time += 1) {
    const wait = await limits.take(Number(perMinute));
    if (wait === undefined) unanswered += 1;
    else if (wait === 0) admitted += 1;
  }
  return { admitted, unanswered };
}

link.warmUp();
process.stdin.once('data', () => {
  void attempt().then((report) => {
    process.stdout.write(`${JSON.stringify(report)}\n`);
    link.dispose();
    process.stdin.destroy();
  });
});
