-- Command lines for LrTasks.execute, which hands them to a shell: sh on macOS, cmd on Windows.

local Command = {}

--- An argument that the shell passes on as it is.
function Command.quoted(argument, windows)
  if not windows then
    return "'" .. argument:gsub("'", "'\\''") .. "'"
  end
  -- As the C runtime reads it: backslashes count where a quotation mark follows them.
  local escaped = argument:gsub('(\\*)"', '%1%1\\"'):gsub('(\\+)$', '%1%1')
  return '"' .. escaped .. '"'
end

--- The command line of a program and its arguments, with a file for what it says on standard error.
function Command.line(words, errors, windows)
  local quoted = {}
  for index, word in ipairs(words) do
    quoted[index] = Command.quoted(word, windows)
  end
  local line = table.concat(quoted, ' ') .. ' 2> ' .. Command.quoted(errors, windows)
  -- cmd takes away the outermost pair of quotation marks.
  return windows and '"' .. line .. '"' or line
end

--- The exit code behind what LrTasks.execute returns; nil where a signal has ended the program.
function Command.code(returned, windows)
  if windows or returned == 0 then
    return returned
  end
  -- On macOS it is the status of wait(2).
  return returned >= 256 and math.floor(returned / 256) or nil
end

return Command
