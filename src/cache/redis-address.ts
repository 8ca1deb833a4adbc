/** The address of a Redis or Valkey server, taken apart. */
import { Secret } from '../domain/secret.ts';

export interface RedisAddress {
  readonly tls: boolean;
  readonly cluster: boolean;
  /** A cluster may be found by any of its nodes; a single server has one. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly username?: string;
  readonly password?: Secret;
  /** The number of the database; a cluster has only 0. */
  readonly database: number;
}

const DEFAULT_PORT = 6379;

/** `redis://`, `rediss://` for TLS, each with `+cluster`; several nodes are separated by commas. `undefined` for anything else. */
export function parseRedisAddress(text: string): RedisAddress | undefined {
  const match = /^(rediss?)(\+cluster)?:\/\/(?:([^@]*)@)?([^@/?#\s]+)(?:\/(\d*))?$/i.exec(text.trim());
  if (match === null) return undefined;
  const [, scheme = '', cluster, user, hosts = '', database = ''] = match;
  const nodes = hosts.split(',').map(parseNode);
  const [username = '', password] = (user ?? '').split(/:(.*)/s).map(decoded);
  if (!nodes.every((node) => node !== undefined) || username === undefined) return undefined;
  if (nodes.length > 1 && cluster === undefined) return undefined;
  return {
    tls: scheme.toLowerCase() === 'rediss',
    cluster: cluster !== undefined,
    nodes,
    ...(username === '' ? {} : { username }),
    ...(password === undefined || password === '' ? {} : { password: new Secret(password) }),
    database: Number(database),
  };
}

function parseNode(text: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(text);
  if (match === null) return undefined;
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3] ?? DEFAULT_PORT) };
}

/** A password with a stray `%` is meant as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
