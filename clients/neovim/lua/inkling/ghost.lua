-- The ghost text on the screen and what was typed into it since. Neovim keeps a suggestion where it was asked for:
-- until the next answer arrives it shows it after a disagreeing key too, and accepting it repeats what was typed. This
-- file places it anew, and tells the server what was shown. It is the only one that looks at Neovim's private state;
-- where that has changed, suggestions still appear and are still accepted in the right place.

local M = {}

local api = vim.api

---@class inkling.Shown
---@field item lsp.InlineCompletionItem as the server first sent it; what is left of it comes again as one types
---@field client_id integer
---@field tail string the line after the range, at the time it was shown

---@type table<integer, inkling.Shown?>
local shown_in = {}

--- Neovim's own record of what it shows in a buffer.
---@param bufnr integer
---@return table? completor
local function completor_of(bufnr)
  local capability = vim.tbl_get(vim.lsp, '_capability', 'all', 'inline_completion')
  return capability and vim.tbl_get(capability, 'active', bufnr)
end

---@param bufnr integer
---@return vim.lsp.inline_completion.Item?
local function current_of(bufnr)
  local completor = completor_of(bufnr)
  local current = completor and completor.current
  local client = current and vim.lsp.get_client_by_id(current.client_id)
  return client and client.name == 'inkling' and current or nil
end

---@param bufnr integer
---@param row integer
---@return string
local function line_at(bufnr, row)
  return api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ''
end

--- The item placed where the cursor is now: its range covers what was typed since it was shown.
---@param bufnr integer
---@param item vim.lsp.inline_completion.Item
---@return vim.lsp.inline_completion.Item? placed nil when what was typed disagrees with it
---@return string? rest the part of its text after the cursor
function M.place(bufnr, item)
  if not item.range or type(item.insert_text) ~= 'string' then
    return item, nil
  end
  local row, start_column, end_row, end_column = item.range:to_extmark()
  local cursor = api.nvim_win_get_cursor(0)
  local line = line_at(bufnr, row)
  local typed = cursor[1] - 1 == row and cursor[2] >= start_column and line:sub(start_column + 1, cursor[2])
  if end_row ~= row or not typed or not vim.startswith(item.insert_text, typed) then
    return nil
  end
  local shown = shown_in[bufnr]
  shown = shown and shown.client_id == item.client_id and shown or nil
  local stop = shown and #line - #shown.tail or end_column + #typed
  if stop < cursor[2] or (shown and line:sub(stop + 1) ~= shown.tail) then
    return nil
  end
  local placed = vim.tbl_extend('force', item, { range = vim.range(bufnr, row, start_column, row, stop) })
  return placed, item.insert_text:sub(#typed + 1)
end

---@param bufnr integer
local function drop(bufnr)
  local completor = completor_of(bufnr)
  if completor then
    completor.current = nil
    pcall(completor.hide, completor)
  end
end

--- Shows an item that did not come from the server just now: what is left after accepting a part.
---@param bufnr integer
---@param item vim.lsp.inline_completion.Item
local function show(bufnr, item)
  local completor = completor_of(bufnr)
  if completor then
    completor.current = item
    pcall(completor.show, completor)
  end
end

---@param shown inkling.Shown
---@param method string
---@param extra? table
local function tell(shown, method, extra)
  local client = vim.lsp.get_client_by_id(shown.client_id)
  if client then
    client:notify(method, vim.tbl_extend('force', { item = shown.item }, extra or {}))
  end
end

--- Remembers what Neovim has just put on the screen, and tells the server once for each suggestion.
---@param bufnr integer
local function note_shown(bufnr)
  local current = current_of(bufnr)
  local completor = current and completor_of(bufnr)
  if not current or not completor or not current.range then
    return
  end
  local found, _, item = pcall(completor.get_item, completor, current._index)
  if not found or type(item) ~= 'table' then
    return
  end
  local previous = shown_in[bufnr]
  shown_in[bufnr] = nil
  local placed = M.place(bufnr, current)
  if not placed then
    drop(bufnr)
    return
  end
  local row, _, _, stop = placed.range:to_extmark()
  local tail = line_at(bufnr, row):sub(stop + 1)
  if previous and vim.deep_equal(previous.item.command, item.command) then
    shown_in[bufnr] = vim.tbl_extend('force', previous, { tail = tail })
    return
  end
  local shown = { item = item, client_id = current.client_id, tail = tail }
  shown_in[bufnr] = shown
  tell(shown, 'textDocument/didShowCompletion')
end

---@param text string
---@return integer
local function utf16_length(text)
  return vim.str_utfindex(text, 'utf-16')
end

--- Whether a suggestion of this server is on the screen of the current buffer.
---@return boolean
function M.is_shown()
  return current_of(api.nvim_get_current_buf()) ~= nil
end

--- Inserts a part at the cursor and leaves the remainder on the screen.
---@param bufnr integer
---@param item vim.lsp.inline_completion.Item already placed
---@param head string
---@param rest string the text after the cursor, which begins with `head`
local function accept_part(bufnr, item, head, rest)
  local shown = shown_in[bufnr]
  local row, _, _, stop = item.range:to_extmark()
  local column = api.nvim_win_get_cursor(0)[2]
  local lines = vim.split(head, '\n', { plain = true })
  api.nvim_buf_set_text(bufnr, row, column, row, column, lines)
  local end_row = row + #lines - 1
  local end_column = (#lines == 1 and column or 0) + #lines[#lines]
  api.nvim_win_set_cursor(0, { end_row + 1, end_column })
  if shown then
    local accepted = utf16_length(shown.item.insertText) - utf16_length(rest:sub(#head + 1))
    tell(shown, 'textDocument/didPartiallyAcceptCompletion', { acceptedLength = accepted })
  end
  local remainder = {
    insert_text = rest:sub(#head + 1),
    range = vim.range(bufnr, end_row, end_column, end_row, end_column + stop - column),
  }
  show(bufnr, vim.tbl_extend('force', item, remainder))
end

--- Accepts what `cut` takes of the text after the cursor; all of it runs the item's command as usual.
---@param cut fun(rest: string): string
---@return boolean accepted whether there was anything to accept
function M.accept(cut)
  local bufnr = api.nvim_get_current_buf()
  return vim.lsp.inline_completion.get({
    bufnr = bufnr,
    on_accept = function(item)
      local placed, rest = M.place(bufnr, item)
      local head = rest and cut(rest)
      if placed then
        -- Accepting is an undo step of its own.
        vim.cmd('let &g:undolevels = &g:undolevels')
      end
      if not placed or not rest or head == rest then
        shown_in[bufnr] = nil
        return placed
      end
      accept_part(bufnr, placed, head --[[@as string]], rest)
    end,
  })
end

--- Asks for a suggestion here and now, as the setting `completion.trigger = "manual"` wants.
---@return boolean asked false where no server with inline completion is attached
function M.request()
  local completor = completor_of(api.nvim_get_current_buf())
  if not completor then
    return false
  end
  return (pcall(completor.request, completor, vim.lsp.protocol.InlineCompletionTriggerKind.Invoked))
end

--- Watches one buffer; called again for the same buffer it changes nothing.
---@param bufnr integer
function M.attach(bufnr)
  local group = api.nvim_create_augroup('inkling.ghost.' .. bufnr, { clear = true })
  local function on(events, callback)
    api.nvim_create_autocmd(events, { group = group, buf = bufnr, callback = callback })
  end
  on('LspRequest', function(event)
    local request = event.data.request
    if request.method == 'textDocument/inlineCompletion' and request.type == 'complete' then
      vim.schedule(function()
        if api.nvim_buf_is_valid(bufnr) and api.nvim_get_current_buf() == bufnr then
          note_shown(bufnr)
        end
      end)
    end
  end)
  on({ 'CursorMovedI', 'TextChangedI', 'TextChangedP' }, function()
    local current = current_of(bufnr)
    if current and not M.place(bufnr, current) then
      drop(bufnr)
    end
  end)
  on('InsertLeave', function()
    shown_in[bufnr] = nil
  end)
  on('BufEnter', function()
    local client = vim.lsp.get_clients({ name = 'inkling', bufnr = bufnr })[1]
    if client then
      client:notify('textDocument/didFocus', { textDocument = { uri = vim.uri_from_bufnr(bufnr) } })
    end
  end)
  on({ 'BufDelete', 'BufWipeout' }, function()
    shown_in[bufnr] = nil
    api.nvim_del_augroup_by_id(group)
  end)
end

return M
