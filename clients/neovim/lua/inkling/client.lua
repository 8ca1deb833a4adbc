-- The running language server as the rest of the plugin sees it: which client serves this buffer, requests whose
-- failures are sentences, and starting it where nothing is attached yet.

local M = {}

---@class inkling.Failure
---@field kind string one of the server's error kinds, or 'client' when the request was never sent
---@field message string what happened and what to do next; never holds a key

--- The client of this buffer, or of any other buffer when this one has none.
---@param bufnr? integer default: the current buffer
---@return vim.lsp.Client?
function M.find(bufnr)
  local here = vim.lsp.get_clients({ name = 'inkling', bufnr = bufnr or vim.api.nvim_get_current_buf() })
  return here[1] or vim.lsp.get_clients({ name = 'inkling' })[1]
end

--- Requests that wait for an answer, by client and request id: a server that ends answers none of them.
---@type table<integer, table<integer, fun(result?: table, failure?: inkling.Failure)>>
local waiting = {}

---@type inkling.Failure
local stopped = { kind = 'client', message = 'the server has stopped: see :checkhealth inkling' }

--- Called when a server has ended, for whatever reason.
---@param client_id integer
function M.lost(client_id)
  local unanswered = waiting[client_id] or {}
  waiting[client_id] = nil
  for _, on_done in pairs(unanswered) do
    on_done(nil, stopped)
  end
end

--- Starts the server without a buffer.
---@param on_client fun(client?: vim.lsp.Client, failure?: inkling.Failure)
local function start(on_client)
  local configuration = vim.deepcopy(vim.lsp.config['inkling'])
  local program = type(configuration.cmd) == 'table' and configuration.cmd[1] or nil
  if program and vim.fn.executable(program) == 0 then
    local message = '`%s` is not an executable: in a checkout of Inkling, npm ci && npm run build && npm install --global .'
    on_client(nil, { kind = 'client', message = message:format(program) })
    return
  end
  local answered = false
  local answer = vim.schedule_wrap(function(...)
    if not answered then
      answered = true
      on_client(...)
    end
  end)
  configuration.root_dir = vim.fs.root(0, configuration.root_markers or {}) or vim.uv.cwd()
  configuration.on_init = answer
  local on_exit = configuration.on_exit
  configuration.on_exit = function(code, signal, client_id)
    answer(nil, stopped)
    vim.iter({ on_exit or {} }):flatten():each(function(callback)
      callback(code, signal, client_id)
    end)
  end
  if not vim.lsp.start(configuration, { attach = false }) then
    answer(nil, stopped)
  end
end

--- Passes the client on, starting the server where none runs: chat and the list of providers need no file.
---@param on_client fun(client?: vim.lsp.Client, failure?: inkling.Failure)
function M.ensure(on_client)
  local client = M.find()
  if client then
    on_client(client)
  else
    start(on_client)
  end
end

---@param failure lsp.ResponseError
---@return inkling.Failure
local function to_failure(failure)
  local data = type(failure.data) == 'table' and failure.data or {}
  return { kind = data.kind or 'server', message = data.message or failure.message }
end

--- Sends a request. A cancelled one never calls back.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param on_done fun(result?: table, failure?: inkling.Failure)
---@param bufnr? integer
---@return fun() cancel does nothing once the answer is here
function M.request(client, method, params, on_done, bufnr)
  local unanswered = waiting[client.id] or {}
  waiting[client.id] = unanswered
  local sent, id = client:request(method, params, function(failure, result, context)
    unanswered[context.request_id] = nil
    if failure then
      on_done(nil, to_failure(failure))
    else
      on_done(result)
    end
  end, bufnr)
  if not sent or not id then
    on_done(nil, stopped)
    return function() end
  end
  unanswered[id] = on_done
  return function()
    if unanswered[id] then
      unanswered[id] = nil
      client:cancel_request(id)
    end
  end
end

--- Reports a failure where there is no buffer to write it into.
---@param failure inkling.Failure
function M.report(failure)
  vim.notify(('inkling: %s'):format(failure.message), vim.log.levels.ERROR)
end

--- Sends a request to the running or started server; failures become a message.
---@param method string
---@param params table
---@param on_result fun(result: table, client: vim.lsp.Client)
function M.ask(method, params, on_result)
  M.ensure(function(client, failure)
    if not client then
      M.report(failure --[[@as inkling.Failure]])
      return
    end
    M.request(client, method, params, function(result, problem)
      if problem then
        M.report(problem)
      else
        on_result(result or {}, client)
      end
    end)
  end)
end

return M
