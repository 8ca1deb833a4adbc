-- `:checkhealth inkling`: from the editor to the provider, in the order in which things can be missing.

local client_of = require('inkling.client')

local M = {}

local health = vim.health

---@param command string[]
---@return vim.SystemCompleted?
local function run(command)
  local started, process = pcall(vim.system, command, { text = true, timeout = 10000 })
  return started and process:wait() or nil
end

--- The command line of the server with other arguments than those that make it a server.
---@param command string[]
---@param arguments string[]
---@return string[]
local function program(command, arguments)
  local words = vim.tbl_filter(function(word)
    return not vim.startswith(word, '--stdio')
  end, command)
  return vim.list_extend(words, arguments)
end

---@return boolean
local function check_editor()
  health.start('inkling: editor')
  if vim.fn.has('nvim-0.12') == 0 then
    health.error('Neovim ' .. tostring(vim.version()) .. ' has no inline completion', 'Install Neovim 0.12 or later')
    return false
  end
  health.ok('Neovim ' .. tostring(vim.version()))
  if vim.lsp.inline_completion.is_enabled({ bufnr = 0 }) or vim.lsp.inline_completion.is_enabled() then
    health.ok('inline completion is on')
  else
    health.warn('inline completion is off', "Call vim.lsp.inline_completion.enable() or require('inkling').setup()")
  end
  return true
end

---@return string[]? command of the server
local function check_server()
  health.start('inkling: server')
  local configuration = vim.lsp.config['inkling']
  local command = configuration and configuration.cmd
  if type(command) ~= 'table' then
    health.info('the command of the server is a function: its version is not checked')
    return nil
  end
  if vim.fn.executable(command[1]) == 0 then
    health.error(('`%s` is not an executable'):format(command[1]), 'in a checkout of Inkling: npm ci && npm run build && npm install --global .')
    return nil
  end
  local version = run(program(command, { '--version' }))
  if version and version.code == 0 then
    health.ok(('%s, version %s'):format(vim.fn.exepath(command[1]), vim.trim(version.stdout)))
  else
    health.error(
      ('`%s` does not start: %s'):format(table.concat(command, ' '), version and vim.trim(version.stderr) or ''),
      'Run it in a terminal; it needs Node.js 20.19 or later'
    )
    return nil
  end
  return command
end

---@param command string[]
local function check_configuration(command)
  health.start('inkling: configuration')
  local result = run(program(command, { 'config', 'validate' }))
  if not result then
    health.warn('the configuration could not be checked')
    return
  end
  if result.code == 0 then
    health.ok('valid')
    return
  end
  for line in vim.gsplit(vim.trim(result.stderr .. '\n' .. result.stdout), '\n', { trimempty = true }) do
    health.error(line)
  end
end

---@return vim.lsp.Client?
local function check_client()
  health.start('inkling: client')
  local client = client_of.find()
  if not client then
    local advice = vim.lsp.is_enabled('inkling') and 'Open a file'
      or "Call vim.lsp.enable('inkling') or require('inkling').setup()"
    health.warn('no server is running in this Neovim', advice)
    return nil
  end
  local buffers = vim.tbl_count(client.attached_buffers)
  health.ok(('attached to %d buffer%s, root %s'):format(buffers, buffers == 1 and '' or 's', client.root_dir or 'none'))
  local status = require('inkling.status').get(next(client.attached_buffers))
  if status and (status.kind == 'Warning' or status.kind == 'Error') then
    health.warn('the server reports: ' .. status.message)
  end
  return client
end

---@param provider table
---@param uses string[]
local function check_provider(provider, uses)
  local state = vim.tbl_get(provider, 'health', 'state')
  local message = vim.tbl_get(provider, 'health', 'message')
  local text = ('%s (%s, for %s)'):format(provider.id, provider.model or 'no model', table.concat(uses, ' and '))
  if state == 'ready' then
    health.ok(text)
  elseif state == 'degraded' then
    health.warn(text .. ': ' .. (message or state))
  else
    health.error(text .. ': ' .. (message or state or 'unknown'), 'Run `inkling doctor`')
  end
end

---@param client vim.lsp.Client
local function check_providers(client)
  health.start('inkling: providers')
  local answer, failure = client:request_sync('inkling/providers', vim.empty_dict(), 5000)
  if not answer or answer.err then
    health.error(
      'the server does not answer: ' .. (failure or vim.tbl_get(answer or {}, 'err', 'message') or 'no reason given')
    )
    return
  end
  local result = answer.result
  for _, provider in ipairs(result.providers) do
    local uses = vim.tbl_filter(function(use)
      return result[use] == provider.id
    end, { 'completion', 'chat' })
    if #uses > 0 then
      check_provider(provider, uses)
    end
  end
end

function M.check()
  if not check_editor() then
    return
  end
  local command = check_server()
  if command then
    check_configuration(command)
  end
  local client = check_client()
  if client then
    check_providers(client)
  end
end

return M
