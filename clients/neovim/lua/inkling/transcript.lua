-- The chat's buffer: Markdown, one heading for each turn, the prompt below the last one. It knows where text goes and
-- nothing of the conversation. Places are extmarks, so editing elsewhere in the buffer does no harm.

local M = {}

local api = vim.api

local namespace = api.nvim_create_namespace('inkling.chat')

local you = '## You'
local inkling = '## Inkling'

---@class inkling.Marks
---@field prompt? integer the heading above the prompt
---@field heading? integer the heading above the answer
---@field start? integer where the answer begins
---@field stop? integer where the answer ends

---@type integer?
local bufnr

---@type inkling.Marks
local marks = {}

---@param mark integer
---@return integer row
---@return integer column
local function place(mark)
  local position = api.nvim_buf_get_extmark_by_id(bufnr, namespace, mark, {})
  return position[1], position[2]
end

---@param row integer
---@param column integer
---@param options vim.api.keyset.set_extmark
---@return integer
local function mark_at(row, column, options)
  return api.nvim_buf_set_extmark(bufnr, namespace, row, column, options)
end

--- Runs an edit; windows whose cursor stood on the last line stay there.
---@param edit fun()
local function following(edit)
  local last = api.nvim_buf_line_count(bufnr)
  local windows = vim.tbl_filter(function(window)
    return api.nvim_win_get_cursor(window)[1] == last
  end, vim.fn.win_findbuf(bufnr))
  edit()
  local line = api.nvim_buf_line_count(bufnr)
  local text = api.nvim_buf_get_lines(bufnr, line - 1, line, false)[1]
  for _, window in ipairs(windows) do
    api.nvim_win_set_cursor(window, { line, #text })
  end
end

--- Appends lines below everything; an empty buffer is filled from its first line.
---@param lines string[]
---@return integer row of the first of them
local function append_lines(lines)
  local count = api.nvim_buf_line_count(bufnr)
  local empty = count == 1 and api.nvim_buf_get_lines(bufnr, 0, 1, false)[1] == ''
  api.nvim_buf_set_lines(bufnr, empty and 0 or count, -1, false, lines)
  return empty and 0 or count
end

--- A heading with one line below it, set apart from what is above.
---@param heading string
---@return integer row of the heading
local function append_section(heading)
  local last = api.nvim_buf_get_lines(bufnr, -2, -1, false)[1]
  local row = append_lines(last == '' and { heading, '' } or { '', heading, '' })
  return last == '' and row or row + 1
end

---@param actions { send: fun(), stop: fun() }
local function create(actions)
  bufnr = api.nvim_create_buf(false, true)
  marks = {}
  api.nvim_buf_set_name(bufnr, 'inkling://chat')
  vim.bo[bufnr].bufhidden = 'hide'
  vim.bo[bufnr].filetype = 'markdown'
  local function map(modes, key, action, description)
    vim.keymap.set(modes, key, action, { buf = bufnr, desc = 'Inkling: ' .. description })
  end
  map('n', '<CR>', actions.send, 'send the prompt')
  map({ 'n', 'i' }, '<C-s>', actions.send, 'send the prompt')
  map({ 'n', 'i' }, '<C-c>', actions.stop, 'stop the answer')
  api.nvim_create_autocmd('BufWipeout', { buf = bufnr, callback = vim.schedule_wrap(actions.stop) })
end

--- Shows the buffer, in its window of this tab page or in a new one, with the cursor at the end.
---@param actions { send: fun(), stop: fun() }
---@param mods? table modifiers of the window command
---@return boolean created whether the buffer is new, because there was none or it was wiped out
function M.open(actions, mods)
  local created = not (bufnr and api.nvim_buf_is_valid(bufnr))
  if created then
    create(actions)
  end
  local window = vim.fn.bufwinid(bufnr)
  if window ~= -1 then
    api.nvim_set_current_win(window)
  else
    vim.cmd.sbuffer({ bufnr, mods = mods or { vertical = true, split = 'botright' } })
    vim.wo[0][0].wrap = true
    vim.wo[0][0].linebreak = true
  end
  api.nvim_win_set_cursor(0, { api.nvim_buf_line_count(bufnr), 0 })
  return created
end

---@return integer?
function M.buffer()
  return bufnr
end

function M.clear()
  if bufnr and api.nvim_buf_is_valid(bufnr) then
    api.nvim_buf_set_lines(bufnr, 0, -1, false, {})
  end
  marks = {}
end

--- Offers the prompt: below a new heading, or below the one that is still there.
---@param about string what the question will be about, shown beside the heading
---@param text? string what stands there already
function M.begin_prompt(about, text)
  if not (bufnr and api.nvim_buf_is_valid(bufnr)) then
    return
  end
  following(function()
    local row = marks.prompt and place(marks.prompt) or append_section(you)
    marks.prompt = mark_at(row, 0, {
      id = marks.prompt,
      right_gravity = false,
      virt_text = about ~= '' and { { about, 'Comment' } } or nil,
    })
    if text then
      api.nvim_buf_set_lines(bufnr, row + 1, -1, false, vim.split(text, '\n', { plain = true }))
    end
  end)
end

--- What stands below the last heading.
---@return string
function M.prompt()
  if not marks.prompt then
    return ''
  end
  local row = place(marks.prompt)
  return vim.trim(table.concat(api.nvim_buf_get_lines(bufnr, row + 1, -1, false), '\n'))
end

--- Ends the prompt and opens the place where the answer is written.
function M.begin_answer()
  marks.prompt = nil
  following(function()
    local row = append_section(inkling)
    marks.heading = mark_at(row, 0, { right_gravity = false })
    marks.start = mark_at(row + 1, 0, { right_gravity = false })
    marks.stop = mark_at(row + 1, 0, { right_gravity = true })
  end)
end

---@return boolean
local function is_answering()
  return marks.stop ~= nil and bufnr ~= nil and api.nvim_buf_is_valid(bufnr)
end

--- Writes an increment at the end of the answer.
---@param text string
function M.append(text)
  if not is_answering() then
    return
  end
  following(function()
    local row, column = place(marks.stop)
    api.nvim_buf_set_text(bufnr, row, column, row, column, vim.split(text, '\n', { plain = true }))
  end)
end

--- Makes the answer exactly this text, where the increments did not add up to it.
---@param text string
function M.replace_answer(text)
  if not is_answering() then
    return
  end
  local row, column = place(marks.start)
  local end_row, end_column = place(marks.stop)
  local written = api.nvim_buf_get_text(bufnr, row, column, end_row, end_column, {})
  if table.concat(written, '\n') ~= text then
    following(function()
      local lines = vim.split(text, '\n', { plain = true })
      api.nvim_buf_set_text(bufnr, row, column, end_row, end_column, lines)
    end)
  end
end

--- Names who answered, beside the heading.
---@param label string
function M.label_answer(label)
  if is_answering() then
    mark_at((place(marks.heading)), 0, {
      id = marks.heading,
      right_gravity = false,
      virt_text = { { label, 'Comment' } },
    })
  end
end

--- Ends the answer.
---@param note? string what the reader must know about how it ended, as a quotation below it
function M.end_answer(note)
  if not is_answering() then
    return
  end
  following(function()
    local row, column = place(marks.stop)
    local above = api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1]
    if note then
      local quoted = '> ' .. note:gsub('\n', '\n> ')
      local separated = above == '' and quoted or '\n\n' .. quoted
      api.nvim_buf_set_text(bufnr, row, column, row, column, vim.split(separated, '\n', { plain = true }))
    end
  end)
  marks.heading, marks.start, marks.stop = nil, nil, nil
end

return M
