-- `:Inkling why`: the latest completion as a short story, from `inkling/explain`.

local M = {}

---@param milliseconds? number
---@return string
local function time(milliseconds)
  return milliseconds and ('%.1f ms'):format(milliseconds) or 'still running'
end

---@param trace table
---@return string
local function place(trace)
  local name = vim.fn.fnamemodify(vim.uri_to_fname(trace.uri), ':~:.')
  return ('%s:%d:%d'):format(name, trace.position.line + 1, trace.position.character + 1)
end

---@param trace table one completion request
---@return string[]
local function story(trace)
  local by = trace.provider and (', by %s'):format(trace.provider) or ''
  local lines = {
    ('%s: %s'):format(trace.outcome or 'running', trace.reason or 'no answer yet'),
    '',
    ('%s, %s%s, %s'):format(place(trace), trace.trigger, by, time(trace.total)),
    '',
  }
  for _, stage in ipairs(trace.stages) do
    local detail = stage.detail and ': ' .. stage.detail or ''
    lines[#lines + 1] = ('%12s  %s%s'):format(time(stage.at), stage.stage, detail)
  end
  return lines
end

---@param result { requests: table[] } the newest first
---@return string[]
function M.lines(result)
  local trace = result.requests[1]
  return trace and story(trace) or { 'Nothing has been completed yet.' }
end

return M
