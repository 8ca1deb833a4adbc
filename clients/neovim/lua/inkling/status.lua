-- What the server says about itself, kept for status lines: the provider that answers, whether it is at work, and what
-- is wrong when something is.

local M = {}

---@class inkling.Status
---@field busy boolean
---@field kind 'Normal'|'Warning'|'Error'|'Inactive'
---@field message string
---@field provider? string the id of the provider that completes here

---@type table<integer, inkling.Status?>
local by_client = {}

---@param client_id integer
---@return inkling.Status
local function known(client_id)
  local status = by_client[client_id] or { busy = false, kind = 'Normal', message = '' }
  by_client[client_id] = status
  return status
end

local function announce()
  vim.api.nvim_exec_autocmds('User', { pattern = 'InklingStatus', modeline = false })
  vim.cmd.redrawstatus({ bang = true })
end

--- Takes in the answer of `inkling/providers`.
---@param client_id integer
---@param providers table
function M.learn(client_id, providers)
  known(client_id).provider = providers.completion or providers.active
  announce()
end

--- Takes in one `didChangeStatus`.
---@param client_id integer
---@param status { busy: boolean, kind: string, message: string, provider: string }
function M.update(client_id, status)
  local now = known(client_id)
  now.busy, now.kind, now.message, now.provider = status.busy, status.kind, status.message, status.provider
  announce()
end

--- Takes in what the server said of itself when it was started, unless it has said more since.
---@param client vim.lsp.Client
function M.begin(client)
  local status = vim.tbl_get(client.server_capabilities, 'experimental', 'inkling', 'status')
  if status and not known(client.id).provider then
    M.update(client.id, status)
  end
end

---@param client_id integer
function M.forget(client_id)
  by_client[client_id] = nil
  announce()
end

--- The status of the server behind a buffer.
---@param bufnr? integer default: the current buffer
---@return inkling.Status? status nil where no server is attached
function M.get(bufnr)
  local client = vim.lsp.get_clients({ name = 'inkling', bufnr = bufnr or 0 })[1]
  return client and known(client.id) or nil
end

local signs = { Warning = ' !', Error = ' !' }

--- One short piece of text, such as `inkling mistral …`; empty where no server is attached.
---@param bufnr? integer default: the current buffer
---@return string
function M.text(bufnr)
  local status = M.get(bufnr)
  if not status then
    return ''
  end
  if status.kind == 'Inactive' then
    return 'inkling off'
  end
  local provider = status.provider and ' ' .. status.provider or ''
  return 'inkling' .. provider .. (signs[status.kind] or '') .. (status.busy and ' …' or '')
end

return M
