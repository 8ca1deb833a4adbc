-- The functions to call from a configuration. Everything works without calling `setup`: it is only the short way to
-- write `vim.lsp.config`, `vim.lsp.enable` and the keys.

local M = {}

---@class inkling.Keys
---@field accept? string
---@field accept_word? string
---@field accept_line? string
---@field next? string
---@field prev? string
---@field dismiss? string
---@field complete? string

---@class inkling.Options
---@field cmd? string[] default: { 'inkling', '--stdio' }
---@field filetypes? string[] default: every file
---@field settings? table what belongs under the section `inkling` of the server's settings
---@field inline_completion? boolean default: true
---@field keys? inkling.Keys insert-mode keys; each acts as usual where there is nothing to act on. Default: none

local everything = function(rest)
  return rest
end

---@param keys inkling.Keys
local function map(keys)
  for action, key in pairs(keys) do
    vim.keymap.set('i', key, function()
      return M[action]() and '' or key
    end, { expr = true, desc = 'Inkling: ' .. action:gsub('_', ' ') })
  end
end

---@param options? inkling.Options
function M.setup(options)
  options = options or {}
  vim.validate('options.cmd', options.cmd, 'table', true)
  vim.validate('options.filetypes', options.filetypes, 'table', true)
  vim.validate('options.settings', options.settings, 'table', true)
  vim.validate('options.keys', options.keys, 'table', true)
  vim.lsp.config('inkling', {
    cmd = options.cmd,
    filetypes = options.filetypes,
    settings = options.settings and { inkling = options.settings },
  })
  map(options.keys or {})
  vim.lsp.enable('inkling')
  if options.inline_completion ~= false then
    M.enable()
  end
end

--- Turns ghost text on, or off with `false`. This is Neovim's own switch, for every server that has inline completion.
---@param enabled? boolean default: true
function M.enable(enabled)
  vim.lsp.inline_completion.enable(enabled ~= false)
end

---@return boolean accepted false where there is no suggestion
function M.accept()
  return require('inkling.ghost').accept(everything)
end

---@return boolean accepted false where there is no suggestion
function M.accept_word()
  return require('inkling.ghost').accept(require('inkling.cut').word)
end

---@return boolean accepted false where there is no suggestion
function M.accept_line()
  return require('inkling.ghost').accept(require('inkling.cut').line)
end

---@param count integer
---@return boolean
local function select_by(count)
  local shown = require('inkling.ghost').is_shown()
  vim.schedule(function()
    vim.lsp.inline_completion.select({ count = count })
  end)
  return shown
end

--- Shows the next suggestion.
---@return boolean shown false where there is no suggestion
function M.next()
  return select_by(1)
end

--- Shows the suggestion before.
---@return boolean shown false where there is no suggestion
function M.prev()
  return select_by(-1)
end

--- Takes the suggestion off the screen without leaving insert mode.
---@return boolean dismissed false where there is no suggestion
function M.dismiss()
  return vim.lsp.inline_completion.get({
    on_accept = function() end,
  })
end

--- Asks for a suggestion now.
---@return boolean asked false where no server with inline completion is attached
function M.complete()
  return require('inkling.ghost').request()
end

--- For a status line: the provider and a sign while it works or when something is wrong. Empty where no server is
--- attached. The autocommand `User InklingStatus` fires when it changes.
---@param bufnr? integer default: the current buffer
---@return string
function M.status(bufnr)
  return require('inkling.status').text(bufnr)
end

--- The same as a table, for status lines that format it themselves.
---@param bufnr? integer default: the current buffer
---@return inkling.Status?
function M.status_info(bufnr)
  return require('inkling.status').get(bufnr)
end

--- Opens the chat; see |inkling-chat|.
---@param options? inkling.chat.Options
function M.chat(options)
  require('inkling.chat').open(options)
end

return M
