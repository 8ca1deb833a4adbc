/** Builds the undici dispatcher all calls go through: keep-alive, proxy, certificates. Apart to load undici on first use. */
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { Dispatcher } from 'undici';
import { AiError } from '../../domain/ai-error.ts';
import { createPreconnectedSockets, type PreconnectedSockets } from './preconnected-sockets.ts';

export interface NetworkSettings {
  /** Absent: `HTTPS_PROXY`, `HTTP_PROXY` of the environment. */
  readonly proxy?: string | null;
  /** Comma-separated hosts, suffixes and `host:port`. Absent: `NO_PROXY` of the environment. */
  readonly noProxy?: string | null;
  /** PEM file with authorities to trust beside the built-in ones. */
  readonly caFile?: string | null;
}

export type Environment = (name: string) => string | undefined;

export interface NetworkDispatcher {
  readonly dispatcher: Dispatcher;
  readonly preconnected: PreconnectedSockets;
  /** `host:port` of the proxy that a call to this address takes. */
  proxyFor(url: URL): string | undefined;
}

/** undici's default of 4 s makes a user who pauses to think pay TCP and TLS again. */
const keepAlive = 60_000;
/** The most a server's own keep-alive hint may ask for. */
const longestKeepAlive = 600_000;
const connectLimit = 10_000;
/** Reasoning models say nothing for minutes; deadlines of features are set elsewhere and are shorter. */
const silenceLimit = 300_000;
const loopback = 'localhost,127.0.0.1,[::1]';

/** Throws `AiError` of kind `notConfigured` when the proxy's address or the certificate file is unusable. */
export async function createDispatcher(
  settings: NetworkSettings,
  environment: Environment,
  provider: string,
): Promise<NetworkDispatcher> {
  const { Agent, buildConnector, EnvHttpProxyAgent } = await import('./load-undici.ts');
  const ca = authorities(settings, environment, provider);
  // Explicit, because NODE_TLS_REJECT_UNAUTHORIZED=0 in a user's shell must not switch off what guards their keys.
  const tls = { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
  const preconnected = createPreconnectedSockets(buildConnector({ ...tls, timeout: connectLimit }));
  const common = {
    keepAliveTimeout: keepAlive,
    keepAliveMaxTimeout: longestKeepAlive,
    headersTimeout: silenceLimit,
    bodyTimeout: silenceLimit,
    connect: preconnected.connect,
  };
  const { httpProxy, httpsProxy } = proxies(settings, environment, provider);
  if (httpProxy === '' && httpsProxy === '') {
    return { dispatcher: new Agent(common), preconnected, proxyFor: () => undefined };
  }
  const hosts = settings.noProxy ?? environment('no_proxy') ?? environment('NO_PROXY') ?? '';
  // A server on this machine is never behind the company's proxy.
  const noProxy = hosts.trim() === '*' ? '*' : [hosts, loopback].filter((part) => part !== '').join(',');
  const dispatcher = new EnvHttpProxyAgent({
    ...common,
    httpProxy,
    httpsProxy,
    noProxy,
    requestTls: tls,
    proxyTls: { ...tls, timeout: connectLimit },
  });
  const proxyFor = (url: URL): string | undefined => {
    const proxy = url.protocol === 'https:' ? httpsProxy : httpProxy;
    return proxy === '' || isExempt(url, noProxy) ? undefined : new URL(proxy).host;
  };
  return { dispatcher, preconnected, proxyFor };
}

function proxies(settings: NetworkSettings, environment: Environment, provider: string) {
  const configured = settings.proxy;
  const fromEnvironment = (name: string) => environment(name) ?? environment(name.toUpperCase()) ?? '';
  const httpProxy = configured ?? fromEnvironment('http_proxy');
  const httpsProxy = configured ?? (fromEnvironment('https_proxy') || httpProxy);
  for (const proxy of [httpProxy, httpsProxy]) {
    if (proxy === '' || /^(https?|socks5?):$/.test(protocolOf(proxy))) continue;
    const origin = configured === undefined || configured === null ? 'The proxy of the environment' : 'network.proxy';
    throw new AiError('notConfigured', provider, `${origin} is not an address such as http://proxy.example:8080.`);
  }
  return { httpProxy, httpsProxy };
}

function protocolOf(address: string): string {
  try {
    return new URL(address).protocol;
  } catch {
    return '';
  }
}

/** Undefined leaves the platform's own authorities in force; given ones replace them, hence the list. */
function authorities(settings: NetworkSettings, environment: Environment, provider: string): string[] | undefined {
  const { caFile } = settings;
  if (caFile === undefined || caFile === null || caFile === '') return undefined;
  const extra = environment('NODE_EXTRA_CA_CERTS');
  const certificates = [...rootCertificates];
  try {
    certificates.push(readFileSync(caFile, 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new AiError('notConfigured', provider, `network.caFile cannot be read (${code}): ${caFile}`);
  }
  if (extra !== undefined) {
    try {
      certificates.push(readFileSync(extra, 'utf8'));
    } catch {
      // Node itself warned about it at start-up and goes on without.
    }
  }
  return certificates;
}

/** The rules undici applies, asked here only to say in an error which way a call went. */
function isExempt(url: URL, noProxy: string): boolean {
  if (noProxy === '*') return true;
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return noProxy.split(/[,\s]+/).some((entry) => {
    const [, host = entry, onlyPort] = /^(.+):(\d+)$/.exec(entry) ?? [];
    const name = host.replace(/^\*?\./, '').toLowerCase();
    if (name === '' || (onlyPort !== undefined && onlyPort !== port)) return false;
    return url.hostname === name || url.hostname.endsWith(`.${name}`);
  });
}
