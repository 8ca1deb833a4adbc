-- How much of a suggestion a partial acceptance takes. Apart because it is pure text.

local M = {}

--- White space and the word or the run of punctuation after it, as 'iskeyword' of the buffer has it.
---@param text string
---@return string head the whole text when there is nothing but white space
function M.word(text)
  local head = vim.fn.matchstr(text, [[\v^\_s*%(\k+|%(\k@!\S)+)]])
  return head == '' and text or head
end

--- Up to the end of the line; from the end of a line, the next line that holds something.
---@param text string
---@return string head
function M.line(text)
  return text:match('^\n*[^\n]*')
end

return M
