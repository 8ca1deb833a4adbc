/** Puts the parts of undici together that the transport needs, as undici's own index does with all of them. Loaded on first use. */
import connect from 'undici/lib/api/api-connect.js';
import buildConnector from 'undici/lib/core/connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';

Object.assign(Dispatcher.prototype, { connect });

export { Agent, buildConnector, EnvHttpProxyAgent };
