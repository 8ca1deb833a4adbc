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

--- Passes the client on, starting the server without a buffer where none runs. Chat and the provider list need no file.
---@param on_client fun(client?: vim.lsp.Client, failure?: inkling.Failure)
function M.ensure(on_client)
  local client = M.find()
  if client then
    on_client(client)
    return
  end
  local configuration = vim.lsp.config['inkling']
  local program = type(configuration.cmd) == 'table' and configuration.cmd[1] or nil
  if program and vim.fn.executable(program) == 0 then
    on_client(nil, {
      kind = 'client',
      message = ('`%s` is not an executable: npm install --global inkling-language-server'):format(program),
    })
    return
  end
  local started = vim.deepcopy(configuration)
  started.root_dir = vim.fs.root(0, configuration.root_markers or {}) or vim.uv.cwd()
  started.on_init = function(ready)
    vim.schedule(function()
      on_client(ready)
    end)
  end
  if not vim.lsp.start(started, { attach = false }) then
    on_client(nil, { kind = 'client', message = 'the server did not start: see :checkhealth inkling' })
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
  local pending = true
  local sent, id = client:request(method, params, function(failure, result)
    pending = false
    if failure then
      on_done(nil, to_failure(failure))
    else
      on_done(result)
    end
  end, bufnr)
  if not sent then
    pending = false
    on_done(nil, { kind = 'client', message = 'the server has stopped: see :checkhealth inkling' })
  end
  return function()
    if pending and id then
      pending = false
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
