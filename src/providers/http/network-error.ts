/** Turns what sockets, TLS and proxies throw into an error that names the cause. Apart because the codes are many. */
import { AiError, type AiErrorInit } from '../../domain/ai-error.ts';

/** Where a call was going. `proxy` is `host:port` without its password. */
export interface CallTarget {
  readonly provider: string;
  readonly url: URL;
  readonly proxy: string | undefined;
}

/**
 * Never carries the original as its cause: it may hold headers or a proxy's password.
 * The sentences avoid the word that makes an SDK take them for its own time-out.
 */
export function networkError(error: unknown, target: CallTarget): AiError {
  if (error instanceof AiError) return error;
  const code = codeOf(error);
  const reason = proxyReason(error, target) ?? certificateReason(code, target) ?? reasons[code]?.(target);
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return new AiError('timeout', target.provider, `${target.url.host} was silent for five minutes.`);
  }
  if (reason === undefined) {
    return failed(
      target,
      `The connection to ${target.url.host}${through(target)} failed (${code || 'no reason given'}).`,
    );
  }
  return reason;
}

/** A connection that did not come about within this many milliseconds. Asking again at once would wait as long again. */
export function connectTooSlow(target: CallTarget, limit: number): AiError {
  const check = target.proxy === undefined ? 'Check baseUrl and the network.' : 'Check network.proxy.';
  return failed(
    target,
    `No connection to ${target.url.host}${through(target)} came about within ${limit / 1000} seconds. ${check}`,
    { retryable: false },
  );
}

type Reason = (target: CallTarget) => AiError;

const notFound: Reason = (target) =>
  target.proxy === undefined
    ? failed(target, `The host ${target.url.hostname} cannot be found. Check baseUrl, the network and DNS.`)
    : failed(target, `The proxy ${target.proxy} cannot be found. Check network.proxy.`);
const refused: Reason = (target) =>
  target.proxy === undefined
    ? failed(target, `Nothing answers at ${target.url.host}. Is the server running, and is baseUrl right?`)
    : failed(target, `The proxy ${target.proxy} refuses the connection. Check network.proxy.`);
const unreachable: Reason = (target) =>
  failed(target, `${target.url.host} cannot be reached${through(target)}. Check the network.`);
const slow: Reason = (target) =>
  failed(target, `No connection to ${target.url.host}${through(target)} came about within 10 seconds.`);
const dropped: Reason = (target) =>
  failed(target, `${target.url.host} closed the connection before the answer was whole.`);
const notTls: Reason = (target) =>
  failed(target, `${target.url.host}${through(target)} does not speak TLS. Should its address begin with http:// ?`, {
    retryable: false,
  });
const notHttp: Reason = (target) =>
  failed(target, `${target.url.host} did not answer in HTTP. Is baseUrl right?`, { retryable: false });

const reasons: Readonly<Record<string, Reason>> = {
  ENOTFOUND: notFound,
  EAI_AGAIN: notFound,
  ECONNREFUSED: refused,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ETIMEDOUT: slow,
  UND_ERR_CONNECT_TIMEOUT: slow,
  ECONNRESET: dropped,
  EPIPE: dropped,
  UND_ERR_SOCKET: dropped,
  UND_ERR_CLOSED: dropped,
  UND_ERR_DESTROYED: dropped,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: dropped,
  EPROTO: notTls,
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
  UND_ERR_HEADERS_OVERFLOW: notHttp,
  HTTP_PARSER: notHttp,
};

const certificateProblems: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an authority this machine does not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is signed by an authority this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT: 'is signed by an authority this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an authority this machine does not know',
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet; check the clock',
  ERR_TLS_CERT_ALTNAME_INVALID: 'belongs to another host',
  UND_ERR_PRX_TLS: 'belongs to another host',
};

function certificateReason(code: string, target: CallTarget): AiError | undefined {
  const problem = certificateProblems[code];
  if (problem === undefined) return undefined;
  const remedy = /authority|self-signed/.test(problem) ? ' Name your authority’s certificate in network.caFile.' : '';
  return failed(target, `The certificate of ${target.url.host}${through(target)} ${problem}.${remedy}`, {
    retryable: false,
  });
}

function proxyReason(error: unknown, target: CallTarget): AiError | undefined {
  if (target.proxy === undefined || !(error instanceof Error)) return undefined;
  const status = /Proxy response \((\d+)\)/.exec(error.message)?.[1];
  if (status === '407' || error.message.includes('(407)')) {
    const advice = 'Put them into network.proxy as http://name:password@host:port.';
    return failed(target, `The proxy ${target.proxy} asks for a name and password. ${advice}`, { retryable: false });
  }
  if (status === undefined) return undefined;
  return failed(target, `The proxy ${target.proxy} refused to connect to ${target.url.host} (status ${status}).`);
}

function failed(target: CallTarget, message: string, init: AiErrorInit = {}): AiError {
  return new AiError('network', target.provider, message, init);
}

function through(target: CallTarget): string {
  return target.proxy === undefined ? '' : ` through the proxy ${target.proxy}`;
}

/** The first code in the chain of causes; of several addresses tried, the first one's. */
function codeOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > 4) return '';
  if (error.name === 'HTTPParserError') return 'HTTP_PARSER';
  if ('code' in error && typeof error.code === 'string' && error.code !== '') {
    return error.code;
  }
  if (error instanceof AggregateError) return codeOf(error.errors[0], depth + 1);
  return codeOf(error.cause, depth + 1);
}
