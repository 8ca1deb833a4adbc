-- `:Inkling`: one command, its first word says what to do.

local client_of = require('inkling.client')
local report = require('inkling.report')

local M = {}

---@type inkling.Failure
local not_attached = { kind = 'client', message = 'no server is attached to this buffer: see :checkhealth inkling' }

---@param command vim.api.keyset.create_user_command.command_args
---@return lsp.Range? range whole lines of the current buffer; the exact selection where it was one within lines
local function range_of(command)
  if command.range == 0 then
    return nil
  end
  local client = client_of.find()
  local encoding = client and client.offset_encoding or 'utf-16'
  local selected = vim.fn.line("'<") == command.line1 and vim.fn.line("'>") == command.line2
  if selected and vim.fn.visualmode() == 'v' then
    return vim.lsp.util.make_given_range_params(nil, nil, 0, encoding).range
  end
  local last = vim.api.nvim_buf_get_lines(0, command.line2 - 1, command.line2, false)[1] or ''
  return {
    start = { line = command.line1 - 1, character = 0 },
    ['end'] = { line = command.line2 - 1, character = vim.str_utfindex(last, encoding) },
  }
end

--- Carries out a code action of the server at the cursor or on the range: the server fills in what it needs.
---@param server_command string
---@return fun(command: vim.api.keyset.create_user_command.command_args)
local function action(server_command)
  return function(command)
    local last = vim.api.nvim_buf_get_lines(0, command.line2 - 1, command.line2, false)[1] or ''
    local client = vim.lsp.get_clients({ name = 'inkling', bufnr = 0 })[1]
    if not client then
      client_of.report(not_attached)
      return
    end
    if not client:supports_method('textDocument/codeAction') then
      client_of.report({ kind = 'client', message = 'this version of the server offers no actions on code' })
      return
    end
    vim.lsp.buf.code_action({
      apply = true,
      range = command.range > 0 and { start = { command.line1, 0 }, ['end'] = { command.line2, #last } } or nil,
      filter = function(candidate)
        local name = type(candidate.command) == 'table' and candidate.command.command or candidate.command
        return name == server_command
      end,
    })
  end
end

local function show_why()
  client_of.ask('inkling/explain', vim.empty_dict(), function(result)
    report.open('why', require('inkling.why').lines(result))
  end)
end

local function show_stats()
  client_of.ask('inkling/stats', vim.empty_dict(), function(result)
    report.open('stats', report.render(result))
  end)
end

local function show_context()
  local client = vim.lsp.get_clients({ name = 'inkling', bufnr = 0 })[1]
  if not client then
    client_of.report(not_attached)
    return
  end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  client_of.ask('inkling/context', params, function(result)
    report.open('context', report.render(result))
  end)
end

---@param provider table
---@return string
local function describe(provider)
  local health = provider.health or {}
  local message = health.message and ': ' .. health.message or ''
  return ('%s (%s) %s%s'):format(provider.id, provider.model or '-', health.state or '', message)
end

---@param name string
local function set_provider(name)
  client_of.ask('inkling/setProvider', { provider = name }, function(result, client)
    require('inkling.status').learn(client.id, result)
    vim.notify('inkling: the provider is ' .. result.active)
  end)
end

local function choose_provider()
  client_of.ask('inkling/providers', vim.empty_dict(), function(result)
    vim.ui.select(result.providers, {
      prompt = 'Provider',
      format_item = function(provider)
        return (provider.id == result.active and '* ' or '  ') .. describe(provider)
      end,
    }, function(provider)
      if provider then
        set_provider(provider.id)
      end
    end)
  end)
end

local function show_status()
  client_of.ask('inkling/providers', vim.empty_dict(), function(result, client)
    require('inkling.status').learn(client.id, result)
    local status = require('inkling.status').get()
    local lines = { ('completion: %s, chat: %s'):format(result.completion, result.chat) }
    if status and status.message ~= '' then
      lines[#lines + 1] = ('status: %s, %s'):format(status.kind, status.message)
    end
    for _, provider in ipairs(result.providers) do
      lines[#lines + 1] = (provider.id == result.active and '* ' or '  ') .. describe(provider)
    end
    report.open('status', lines)
  end)
end

---@type table<string, fun(command: vim.api.keyset.create_user_command.command_args, rest: string)>
local subcommands = {
  chat = function(command, rest)
    local placed = command.mods ~= '' and command.smods or nil
    require('inkling.chat').open({
      text = rest ~= '' and rest or nil,
      range = range_of(command),
      mods = placed,
    })
  end,
  new = function()
    require('inkling.chat').open()
    require('inkling.chat').clear()
  end,
  stop = function()
    require('inkling.chat').stop()
  end,
  explain = action('inkling.explainCode'),
  fix = action('inkling.fix'),
  refactor = action('inkling.refactor'),
  document = action('inkling.document'),
  tests = action('inkling.generateTests'),
  provider = function(_, rest)
    if rest == '' then
      choose_provider()
    else
      set_provider(rest)
    end
  end,
  status = show_status,
  stats = show_stats,
  why = show_why,
  context = show_context,
  enable = function()
    require('inkling').enable(true)
  end,
  disable = function()
    require('inkling').enable(false)
  end,
  health = function()
    vim.cmd.checkhealth('inkling')
  end,
}

---@param command vim.api.keyset.create_user_command.command_args
function M.run(command)
  local name, rest = command.args:match('^(%S*)%s*(.-)%s*$')
  local subcommand = subcommands[name == '' and 'status' or name]
  if subcommand then
    subcommand(command, rest)
  else
    vim.notify(
      ('inkling: no such command: %s. There are: %s'):format(name, table.concat(M.names(), ', ')),
      vim.log.levels.ERROR
    )
  end
end

---@return string[]
function M.names()
  local names = vim.tbl_keys(subcommands)
  table.sort(names)
  return names
end

---@param client vim.lsp.Client
---@return string[]
local function provider_ids(client)
  local answer = client:request_sync('inkling/providers', vim.empty_dict(), 500)
  local providers = vim.tbl_get(answer or {}, 'result', 'providers') or {}
  return vim.tbl_map(function(provider)
    return provider.id
  end, providers)
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.split(vim.trim(line:match('Inkling!?%s*(.*)$') or ''), '%s+')
  local is_first = #words == 1 and (words[1] == lead)
  local client = client_of.find()
  local candidates = is_first and M.names() or words[1] == 'provider' and client and provider_ids(client) or {}
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, candidates)
end

return M
