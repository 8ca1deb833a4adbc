-- The conversation: what was said so far, and one question at a time to the server, which streams its answer.
-- The buffer it is read and written in is transcript.lua.

local client_of = require('inkling.client')
local transcript = require('inkling.transcript')

local M = {}

---@class inkling.chat.Source
---@field bufnr integer
---@field range? lsp.Range nil for the whole file

---@class inkling.chat.Options
---@field text? string sent at once when given
---@field range? lsp.Range part of the current buffer that the question is about
---@field mods? table modifiers of the window command, such as { tab = 1 }; default: a split on the right

---@class inkling.chat.Answer
---@field cancel fun()
---@field text string what arrived so far
---@field progress integer autocommand that takes in the increments

---@type { role: 'user'|'assistant', content: string }[]
local messages = {}

---@type inkling.chat.Source?
local source

---@type inkling.chat.Answer?
local answer

local finish_notes = {
  length = 'The answer was cut at the token limit (setting `chat.maxTokens`).',
  filtered = 'The provider withheld the rest of this answer.',
}

---@param bufnr integer
---@return boolean
local function is_file(bufnr)
  return vim.api.nvim_buf_is_valid(bufnr) and vim.bo[bufnr].buftype == '' and vim.api.nvim_buf_get_name(bufnr) ~= ''
end

---@return string
local function describe_source()
  if not source then
    return ''
  end
  local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(source.bufnr), ':~:.')
  if not source.range then
    return name
  end
  return ('%s:%d-%d'):format(name, source.range.start.line + 1, source.range['end'].line + 1)
end

--- The file the question is about: the current buffer, or the one before where that is no file.
---@param range? lsp.Range
local function choose_source(range)
  local current = vim.api.nvim_get_current_buf()
  if is_file(current) then
    source = { bufnr = current, range = range }
    return
  end
  local alternate = vim.fn.bufnr('#')
  if not (source and is_file(source.bufnr)) then
    source = is_file(alternate) and { bufnr = alternate } or nil
  end
end

---@return table? context of the request
local function context()
  if not source or not is_file(source.bufnr) then
    return nil
  end
  return { textDocument = { uri = vim.uri_from_bufnr(source.bufnr) }, range = source.range }
end

local keys = vim.api.nvim_create_namespace('inkling.chat.keys')

--- Sees a <C-c> in the chat that comes while Neovim is at work, for example with the answer itself. It takes the key for
--- an interrupt then, and throws away what the key is mapped to.
local function watch_for_interrupt()
  vim.on_key(function(key, typed)
    if (key == '\3' or typed == '\3') and vim.api.nvim_get_current_buf() == transcript.buffer() then
      vim.schedule(M.stop)
    end
  end, keys)
end

--- Ends the running answer, whatever its end was, and offers the next prompt.
---@param note? string
---@param prompt? string
local function finish(note, prompt)
  if answer then
    vim.on_key(nil, keys)
    vim.api.nvim_del_autocmd(answer.progress)
    answer = nil
  end
  transcript.end_answer(note)
  transcript.begin_prompt(describe_source(), prompt)
end

--- Takes back the question that got no answer, so that it can be sent again.
---@param failure inkling.Failure
local function fail(failure)
  local question = table.remove(messages)
  local next_step = failure.kind == 'client' and '' or ' `:Inkling provider` chooses another provider.'
  finish(('**%s**: %s%s'):format(failure.kind, failure.message, next_step), question and question.content)
end

---@param result table
local function complete(result)
  local content = vim.tbl_get(result, 'message', 'content') or (answer and answer.text) or ''
  transcript.replace_answer(content)
  transcript.label_answer(('%s %s'):format(result.provider or '', result.model or ''))
  messages[#messages + 1] = { role = 'assistant', content = content }
  finish(finish_notes[result.finishReason])
end

--- Takes in the increments of one answer, which come as progress under its own token.
---@param token string
---@return integer autocommand
local function listen(token)
  return vim.api.nvim_create_autocmd('LspProgress', {
    callback = function(event)
      local params = event.data.params
      local delta = params.token == token and vim.tbl_get(params, 'value', 'delta')
      if answer and type(delta) == 'string' then
        answer.text = answer.text .. delta
        transcript.append(delta)
      end
    end,
  })
end

---@param client vim.lsp.Client
local function request(client)
  local token = ('inkling-chat-%d'):format(vim.uv.hrtime())
  local running = { text = '', progress = listen(token), cancel = function() end }
  answer = running
  watch_for_interrupt()
  running.cancel = client_of.request(client, 'inkling/chat', {
    messages = messages,
    context = context(),
    partialResultToken = token,
  }, function(result, failure)
    if answer ~= running then
      return
    end
    if failure then
      fail(failure)
    else
      complete(result or {})
    end
  end, transcript.buffer())
end

--- Sends what stands at the prompt. Does nothing while an answer is running or when the prompt is empty.
function M.send()
  local question = transcript.prompt()
  if answer or question == '' then
    return
  end
  messages[#messages + 1] = { role = 'user', content = question }
  transcript.begin_answer()
  client_of.ensure(function(client, failure)
    if client then
      request(client)
    else
      fail(failure --[[@as inkling.Failure]])
    end
  end)
end

--- Stops the running answer; what arrived of it stays part of the conversation.
function M.stop()
  if not answer then
    return
  end
  local running = answer
  running.cancel()
  if running.text == '' then
    finish('Stopped.', table.remove(messages).content)
    return
  end
  messages[#messages + 1] = { role = 'assistant', content = running.text }
  finish('Stopped.')
end

--- Forgets the conversation.
function M.clear()
  M.stop()
  messages = {}
  transcript.clear()
  transcript.begin_prompt(describe_source())
end

--- Opens the chat beside the current window and puts the cursor at its prompt.
---@param options? inkling.chat.Options
function M.open(options)
  options = options or {}
  choose_source(options.range)
  if transcript.open({ send = M.send, stop = M.stop }, options.mods) then
    messages = {}
  end
  if answer then
    if options.text then
      vim.notify('inkling: an answer is still being written; :Inkling stop ends it', vim.log.levels.WARN)
    end
    return
  end
  transcript.begin_prompt(describe_source(), options.text or transcript.prompt())
  if options.text then
    M.send()
  end
end

return M
