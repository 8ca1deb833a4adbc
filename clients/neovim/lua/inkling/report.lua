-- Shows an answer of the server that is a table: a read-only window with one line for each value.

local M = {}

---@param value any
---@return boolean
local function is_block(value)
  return type(value) == 'table' and next(value) ~= nil
end

---@param value any
---@return string
local function scalar(value)
  if value == vim.NIL or value == nil then
    return '-'
  end
  if type(value) == 'table' then
    return 'none'
  end
  if type(value) == 'number' and value % 1 ~= 0 then
    return ('%.1f'):format(value)
  end
  return tostring(value)
end

--- A small table of plain values as one piece of text.
---@param value table
---@return string? text nil where it holds tables or longer text
local function inline(value)
  local parts = {}
  for key, entry in vim.spairs(value) do
    if is_block(entry) then
      return nil
    end
    parts[#parts + 1] = vim.islist(value) and scalar(entry) or ('%s %s'):format(key, scalar(entry))
  end
  local text = table.concat(parts, ', ')
  return #text <= 100 and not text:find('\n') and text or nil
end

---@param label string
---@param value any
---@param indent string
---@param lines string[]
local function add(label, value, indent, lines)
  local short = is_block(value) and inline(value)
  if short then
    lines[#lines + 1] = ('%s%s %s'):format(indent, label, short)
    return
  end
  if is_block(value) then
    lines[#lines + 1] = indent .. label
    M.render(value, indent .. '  ', lines)
    return
  end
  local text = vim.split(scalar(value), '\n', { plain = true })
  if #text == 1 then
    lines[#lines + 1] = ('%s%s %s'):format(indent, label, text[1])
    return
  end
  lines[#lines + 1] = indent .. label
  for _, line in ipairs(text) do
    lines[#lines + 1] = indent .. '  | ' .. line
  end
end

--- Appends one line for each value, nested tables indented, keys in order.
---@param value table
---@param indent? string
---@param lines? string[]
---@return string[]
function M.render(value, indent, lines)
  lines = lines or {}
  if vim.islist(value) then
    for _, entry in ipairs(value) do
      add('-', entry, indent or '', lines)
    end
    return lines
  end
  for key, entry in vim.spairs(value) do
    add(key .. ':', entry, indent or '', lines)
  end
  return lines
end

--- Opens a window below with these lines; `q` closes it.
---@param name string
---@param lines string[]
function M.open(name, lines)
  local bufnr = vim.fn.bufadd('inkling://' .. name)
  vim.fn.bufload(bufnr)
  vim.bo[bufnr].buftype = 'nofile'
  vim.bo[bufnr].bufhidden = 'wipe'
  vim.bo[bufnr].swapfile = false
  vim.bo[bufnr].modifiable = true
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  vim.bo[bufnr].modifiable = false
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buf = bufnr, desc = 'Close' })
  local window = vim.fn.bufwinid(bufnr)
  if window ~= -1 then
    vim.api.nvim_set_current_win(window)
    return
  end
  vim.cmd.sbuffer({ bufnr, mods = { split = 'botright' } })
  vim.api.nvim_win_set_height(0, math.min(#lines, math.floor(vim.o.lines / 2)))
end

return M
