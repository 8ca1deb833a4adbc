/** What the status says while nothing is wrong. It follows from the settings, and is told with the answer to `initialize`. */
import type { Settings } from '../config/schema.ts';
import type { IdleStatus } from '../observability/status.ts';

export function idleStatus({ completion, provider: active }: Settings): IdleStatus {
  const provider = completion.provider ?? active;
  return completion.enabled
    ? { kind: 'Normal', message: `Completing with ${provider}.`, provider }
    : { kind: 'Inactive', message: 'Completion is switched off.', provider };
}
