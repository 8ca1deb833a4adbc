-- What exists before the first use: the command, the <Plug> maps and the hook on attaching. Everything else loads on
-- first use, so that this costs nothing at start-up.

if vim.g.loaded_inkling then
  return
end
vim.g.loaded_inkling = true

if vim.fn.has('nvim-0.12') == 0 then
  vim.notify_once('inkling needs Neovim 0.12 or later', vim.log.levels.WARN)
  return
end

vim.api.nvim_create_user_command('Inkling', function(command)
  require('inkling.command').run(command)
end, {
  nargs = '*',
  range = true,
  desc = 'Inkling: chat, actions on code, provider, status',
  complete = function(lead, line)
    return require('inkling.command').complete(lead, line)
  end,
})

-- These do nothing where there is no suggestion. For a key that should then act as usual (<Tab>), see |inkling-keys|.
local function insert_map(name, action)
  vim.keymap.set('i', '<Plug>(inkling-' .. name .. ')', function()
    require('inkling')[action]()
  end, { desc = 'Inkling: ' .. name:gsub('-', ' ') })
end

insert_map('accept', 'accept')
insert_map('accept-word', 'accept_word')
insert_map('accept-line', 'accept_line')
insert_map('next', 'next')
insert_map('previous', 'prev')
insert_map('dismiss', 'dismiss')
insert_map('complete', 'complete')

vim.keymap.set('n', '<Plug>(inkling-chat)', '<Cmd>Inkling chat<CR>', { desc = 'Inkling: chat' })
vim.keymap.set('x', '<Plug>(inkling-chat)', ':Inkling chat<CR>', { desc = 'Inkling: chat about the selection' })

local group = vim.api.nvim_create_augroup('inkling', { clear = true })

vim.api.nvim_create_autocmd('LspAttach', {
  group = group,
  desc = 'Inkling: watch the ghost text, the diagnostics and the status of this client',
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if client and client.name == 'inkling' then
      require('inkling.ghost').attach(event.buf)
      require('inkling.problems').attach(event.buf)
      require('inkling.status').begin(client)
    end
  end,
})
