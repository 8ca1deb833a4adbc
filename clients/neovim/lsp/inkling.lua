---@brief
---
--- Inline completion and chat from any model provider, or from the workspace itself with no key and no network.
---
--- ```sh
--- npm ci && npm run build && npm install --global . # in a checkout of Inkling
--- ```
---
--- ```lua
--- vim.lsp.enable('inkling')
--- vim.lsp.inline_completion.enable()
--- ```
---
--- Settings go under the section `inkling`:
---
--- ```lua
--- vim.lsp.config('inkling', { settings = { inkling = { provider = 'mistral' } } })
--- ```

---@type vim.lsp.Config
return {
  cmd = { 'inkling', '--stdio' },
  root_markers = { '.inkling.json', '.git' },
  settings = { inkling = vim.empty_dict() },
  handlers = {
    didChangeStatus = function(_, status, context)
      require('inkling.status').update(context.client_id, status)
    end,
  },
  on_exit = vim.schedule_wrap(function(_, _, client_id)
    require('inkling.status').forget(client_id)
    require('inkling.client').lost(client_id)
  end),
}
