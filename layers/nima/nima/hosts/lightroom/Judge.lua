-- Asks for what each photograph should get: the command on this computer, or the HTTPS API with a preview of it.

local LrFileUtils = import 'LrFileUtils'
local LrHttp = import 'LrHttp'
local LrPathUtils = import 'LrPathUtils'
local LrTasks = import 'LrTasks'

local Changes = require 'Changes'
local Command = require 'Command'
local Json = require 'Json'
local Settings = require 'Settings'
local Sheet = require 'Sheet'

local Judge = {}

local AT_ONCE = 50 -- photographs between two looks at whether the user has cancelled
local PREVIEW, PREVIEW_SECONDS, ANSWER_SECONDS = 1600, 30, 60
local REFUSED = 3 -- the command's exit code where some of the files have no scores

local function temporary(name)
  local folder = LrPathUtils.getStandardFilePath('temp')
  return LrFileUtils.chooseUniqueFileName(LrPathUtils.child(folder, name))
end

local function write(path, content)
  local file = io.open(path, 'wb') or error(LOC('$$$/Nima/Error/Write=^1 cannot be written.', path))
  file:write(content)
  file:close()
end

local function read(path)
  local file = io.open(path, 'rb')
  local content = file and file:read('*a') or ''
  if file then
    file:close()
  end
  return content
end

local function run(settings, paths)
  local list, sheet, errors = temporary('nima-list.txt'), temporary('nima-rates.csv'), temporary('nima-errors.txt')
  write(list, table.concat(paths, '\0'))
  local words = { settings.command, 'rate', '--files-from', list, '--csv', sheet, '--stars', settings.stars }
  words[#words + 1] = '--style'
  words[#words + 1] = settings.style
  local line = Command.line(words, WIN_ENV)
  -- What it says goes to a file, within cmd's outer quotation marks.
  local out = ' 2> ' .. Command.quoted(errors, WIN_ENV)
  line = WIN_ENV and line:sub(1, -2) .. out .. '"' or line .. out
  local code = Command.code(LrTasks.execute(line), WIN_ENV)
  local rows, said = Sheet.read(read(sheet)), read(errors)
  for _, path in ipairs({ list, sheet, errors }) do
    LrFileUtils.delete(path)
  end
  if code ~= 0 and code ~= REFUSED then
    error(LOC('$$$/Nima/Error/Command=The command ^1 failed. ^2', settings.command, said))
  end
  return rows
end

--- Rows by path, of the command. Parts first, which it remembers, so that there is progress; then all, for percentiles.
local function by_command(settings, photos, progress)
  local paths = {}
  for index, photo in ipairs(photos) do
    paths[index] = photo.path
  end
  local done = 0
  for _, some in ipairs(Changes.batches(paths, AT_ONCE)) do
    if progress:isCanceled() then
      return nil
    end
    run(settings, some)
    done = done + #some
    progress:setPortionComplete(done, #paths)
    LrTasks.yield()
  end
  local found = {}
  for _, row in ipairs(run(settings, paths)) do
    found[row.path] = row
  end
  return found
end

local function preview(photo)
  local data, reason
  local held = photo.photo:requestJpegThumbnail(PREVIEW, PREVIEW, function(jpeg, message)
    data, reason = jpeg, message or ''
  end)
  local waited = 0
  while not data and not reason and waited < PREVIEW_SECONDS do
    LrTasks.sleep(0.1)
    waited = waited + 0.1
  end
  held = nil -- kept until here: else Lightroom forgets the request
  return data, reason
end

local function row_of(body)
  local answer = Json.read(body)
  local codes = {}
  for index, deduction in ipairs(answer.deductions or {}) do
    codes[index] = deduction.code
  end
  return {
    rating = tostring(math.ceil(answer.composite.stars)),
    pick = '',
    label = '',
    technical = tostring(answer.technical.mean),
    aesthetic = tostring(answer.aesthetic.mean),
    composite = tostring(answer.composite.score),
    percentile = '',
    reasons = table.concat(codes, ' '),
    model = answer.model.id .. ' ' .. answer.model.version,
    error = '',
  }
end

local function ask(settings, photo)
  local jpeg, reason = preview(photo)
  if not jpeg then
    return { error = LOC('$$$/Nima/Error/Preview=Lightroom has no preview of it. ^1', reason or '') }
  end
  local file = temporary('nima-preview.jpg')
  write(file, jpeg)
  local part = { name = 'image', fileName = 'preview.jpg', filePath = file, contentType = 'image/jpeg' }
  local url = settings.url:gsub('/+$', '') .. '/evaluate?style=' .. settings.style
  local body, headers = LrHttp.postMultipart(url, { part }, { { field = 'x-api-key', value = Settings.key() } }, ANSWER_SECONDS)
  LrFileUtils.delete(file)
  local status = headers and headers.status
  local readable, row = pcall(status == 200 and row_of or Json.read, body or '')
  if status == 200 and readable then
    return row
  end
  local told = readable and type(row) == 'table' and (row.message or (row.error or {}).message)
  return { error = told or LOC('$$$/Nima/Error/Api=The API did not answer (^1).', tostring(status or '-')) }
end

local function by_api(settings, photos, progress)
  local found = {}
  for index, photo in ipairs(photos) do
    if progress:isCanceled() then
      return nil
    end
    found[photo.path] = ask(settings, photo)
    progress:setPortionComplete(index, #photos)
    LrTasks.yield()
  end
  return found
end

--- What was found of photographs: rows by path; nil where the user has cancelled.
function Judge.photos(settings, photos, progress)
  return (settings.judge == 'api' and by_api or by_command)(settings, photos, progress)
end

return Judge
