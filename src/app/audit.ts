/** What this process writes down of its changes: composed of the settings' own differences and what happens to keys. */
import type { Settings } from '../config/schema.ts';
import type { SettingsChange } from '../config/store.ts';
import type { UserPlace } from '../config/user-file.ts';
import { usualAuditFile } from '../config/user-folders.ts';
import type { KeyEvent } from '../credentials/entry-key.ts';
import { type Audit, type AuditOptions, createAudit } from '../observability/audit.ts';

export interface AppAudit extends Pick<Audit, 'flush'> {
  settingsChanged(before: Settings, change: SettingsChange): void;
  keyChanged(event: KeyEvent): void;
}

export interface AppAuditOptions extends Omit<AuditOptions, 'file'> {
  readonly place: UserPlace;
  /** What is written down to begin with; absent where no change of settings is. */
  readonly changes?: readonly SettingsChange[];
}

export function createAppAudit({ place, changes: first, ...options }: AppAuditOptions): AppAudit {
  const audit = createAudit({ ...options, file: usualAuditFile(place) });

  function record({ changes }: SettingsChange): void {
    if (first === undefined) return;
    for (const { layer, path, ...values } of changes) audit.record({ event: 'setting', layer, path, ...values });
  }

  for (const change of first ?? []) record(change);
  return {
    flush: audit.flush,
    settingsChanged(before, change) {
      const { audit: now } = change.settings;
      // Whatever is switched on or off says so in its own lines.
      if (!before.audit.enabled) audit.configure(now);
      record(change);
      audit.configure(now);
    },
    keyChanged: ({ action, provider, fingerprint }) =>
      audit.record({ event: 'key', action, name: provider, fingerprint }),
  };
}
