-- Tells the server what others say is wrong in a buffer. By LSP a server hears of nobody's diagnostics, and Neovim sends
-- with a request for code actions only those of the server it asks. So the plugin makes such a request itself, for all
-- diagnostics; the answer is not used.

local M = {}

local api = vim.api

--- As many as the server keeps.
local MOST = 64

---@param bufnr integer
---@param row integer
---@param column integer a byte
---@return lsp.Position
local function position(bufnr, row, column)
  local line = api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ''
  return { line = row, character = vim.str_utfindex(line, 'utf-16', math.min(column, #line), false) }
end

---@param bufnr integer
---@param diagnostic vim.Diagnostic
---@return lsp.Diagnostic
local function to_lsp(bufnr, diagnostic)
  return {
    range = {
      start = position(bufnr, diagnostic.lnum, diagnostic.col),
      ['end'] = position(bufnr, diagnostic.end_lnum or diagnostic.lnum, diagnostic.end_col or diagnostic.col),
    },
    severity = diagnostic.severity,
    message = diagnostic.message,
    source = diagnostic.source,
  }
end

--- The diagnostics nearest the cursor.
---@param bufnr integer
---@return lsp.Diagnostic[]
local function nearest(bufnr)
  local found = vim.diagnostic.get(bufnr, { severity = { min = vim.diagnostic.severity.WARN } })
  local window = vim.fn.bufwinid(bufnr)
  local row = window == -1 and 0 or api.nvim_win_get_cursor(window)[1] - 1
  table.sort(found, function(one, other)
    return math.abs(one.lnum - row) < math.abs(other.lnum - row)
  end)
  return vim
    .iter(found)
    :take(MOST)
    :map(function(diagnostic)
      return to_lsp(bufnr, diagnostic)
    end)
    :totable()
end

---@param bufnr integer
local function tell(bufnr)
  local client = vim.lsp.get_clients({ name = 'inkling', bufnr = bufnr })[1]
  if not client then
    return
  end
  local last = api.nvim_buf_line_count(bufnr) - 1
  client:request('textDocument/codeAction', {
    textDocument = vim.lsp.util.make_text_document_params(bufnr),
    range = { start = { line = 0, character = 0 }, ['end'] = position(bufnr, last, math.huge) },
    context = {
      diagnostics = nearest(bufnr),
      only = { 'quickfix.inkling' },
      triggerKind = vim.lsp.protocol.CodeActionTriggerKind.Automatic,
    },
  }, function() end, bufnr)
end

--- Watches one buffer; called again for the same buffer it changes nothing.
---@param bufnr integer
function M.attach(bufnr)
  local group = api.nvim_create_augroup('inkling.problems.' .. bufnr, { clear = true })
  local waiting = false
  -- The server forgets with time what nobody repeats, so it is told again when typing begins.
  api.nvim_create_autocmd({ 'DiagnosticChanged', 'InsertEnter' }, {
    group = group,
    buf = bufnr,
    callback = function()
      if waiting then
        return
      end
      waiting = true
      vim.schedule(function()
        waiting = false
        if api.nvim_buf_is_valid(bufnr) then
          tell(bufnr)
        end
      end)
    end,
  })
end

return M
