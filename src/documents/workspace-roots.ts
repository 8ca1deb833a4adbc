/** The folders the editor has opened, as real paths; what they name today is what every reader of files stays inside. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WorkspaceRoots } from '../domain/text.ts';

export interface WorkspaceRootStore extends WorkspaceRoots {
  /** Takes folder URIs; what is no folder on this machine's disk is left out. */
  set(uris: readonly string[]): void;
}

export function createWorkspaceRoots(): WorkspaceRootStore {
  const listeners = new Set<() => void>();
  let roots: readonly string[] = [];

  return {
    get roots() {
      return roots;
    },
    set(uris) {
      const next = [...new Set(uris.flatMap(toRealPath))];
      if (next.join('\n') === roots.join('\n')) return;
      roots = next;
      for (const listener of listeners) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function toRealPath(uri: string): string[] {
  try {
    return [realpathSync(fileURLToPath(uri))];
  } catch {
    return [];
  }
}
