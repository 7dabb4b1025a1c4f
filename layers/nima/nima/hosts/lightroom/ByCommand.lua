-- Asks the command on this computer for what photographs should get.

local LrErrors = import 'LrErrors'
local LrFileUtils = import 'LrFileUtils'
local LrTasks = import 'LrTasks'

local Command = require 'Command'
local Files = require 'Files'
local Sheet = require 'Sheet'
local Words = require 'Words'

local ByCommand = {}

local LOOK_SECONDS = 0.2
local REFUSED, USAGE = 3, 2 -- exit codes: some files have no scores; the command does not know what it is asked
local AT_ONCE = 200 -- files that are looked for before Lightroom may do something else
local MOST_SAID = 2000 -- bytes of what the command says

--- The file to be judged: the smart preview, where a photograph's own is not there.
local function file_of(photo)
  if LrFileUtils.exists(photo.path) then
    return photo.path
  end
  return (photo.photo:getRawMetadata('smartPreviewInfo') or {}).smartPreviewPath or photo.path
end

--- Runs a command line in a task of its own, so that its progress is seen and it can be ended; returns its exit code.
-- @param running the file that the command writes its progress into, and that it ends without
local function run(line, running, progress)
  local ended
  LrTasks.startAsyncTask(function()
    local fine, returned = LrTasks.pcall(LrTasks.execute, line)
    ended = { code = fine and Command.code(returned, WIN_ENV) or nil }
  end, 'nima command')
  while not ended do
    LrTasks.sleep(LOOK_SECONDS)
    local done, total = Files.read(running):match('^(%d+) (%d+)\n')
    if progress:isCanceled() then
      LrFileUtils.delete(running)
    elseif done then
      progress:setPortionComplete(tonumber(done), tonumber(total))
    end
  end
  return ended.code
end

--- Rows by path; nil where the user has cancelled.
function ByCommand.photos(context, settings, photos, progress)
  local files = {}
  for _, name in ipairs({ 'list', 'running', 'sheet', 'errors' }) do
    files[name] = Files.temporary(context, 'nima-' .. name .. '.txt')
  end
  local paths, list = {}, {}
  for index, photo in ipairs(photos) do
    paths[index] = file_of(photo)
    list[index] = paths[index] .. '\0'
    if index % AT_ONCE == 0 then
      LrTasks.yield()
    end
  end
  Files.write(files.list, table.concat(list))
  Files.write(files.running, '')
  local words = { settings.command, 'rate', '--files-from', files.list, '--csv', files.sheet, '--running', files.running }
  for _, name in ipairs({ 'stars', 'style' }) do
    words[#words + 1] = '--' .. name
    words[#words + 1] = settings[name]
  end
  local code = run(Command.line(words, files.errors, WIN_ENV), files.running, progress)
  if progress:isCanceled() then
    return nil
  end
  local said = Files.read(files.errors):sub(1, MOST_SAID)
  if code == USAGE then
    LrErrors.throwUserError(
      LOC('$$$/Nima/Error/Release=The command ^1 is of another release than this plug-in. ^2', settings.command, said)
    )
  elseif code ~= 0 and code ~= REFUSED then
    LrErrors.throwUserError(LOC('$$$/Nima/Error/Command=The command ^1 failed. ^2', settings.command, said))
  end
  local rows, found = {}, {}
  for _, row in ipairs(Sheet.read(Files.read(files.sheet))) do
    row.error = row.error ~= '' and Words.refusal(row.code, row.error) or nil
    rows[row.path] = row
  end
  for index, photo in ipairs(photos) do
    found[photo.path] = rows[paths[index]]
  end
  return found
end

return ByCommand
