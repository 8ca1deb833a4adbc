-- https://luacheck.readthedocs.io
std = 'luajit'
globals = { 'vim' }
max_line_length = 120
