-- Asks the HTTPS API for what photographs should get, with Lightroom's preview of each.

local LrErrors = import 'LrErrors'
local LrHttp = import 'LrHttp'
local LrTasks = import 'LrTasks'

local Files = require 'Files'
local Json = require 'Json'
local Settings = require 'Settings'
local Words = require 'Words'

local ByApi = {}

local PREVIEW, PREVIEW_SECONDS, LOOK_SECONDS = 1600, 30, 0.1
local ANSWER_SECONDS = 60
local TRIES, PAUSE_SECONDS = 3, 2
-- Statuses by which one photograph is refused; any other is of all that would be sent.
local OF_ONE = { [400] = true, [413] = true, [415] = true, [422] = true }
local BUSY = { [429] = true, [502] = true, [503] = true, [504] = true }

local function preview(photo, progress)
  local found, request = {}, {}
  -- Lightroom forgets a request that nothing holds.
  request.held = photo:requestJpegThumbnail(PREVIEW, PREVIEW, function(jpeg, reason)
    found.jpeg, found.reason = jpeg or found.jpeg, reason or ''
  end)
  local waited = 0
  while request.held and not (found.jpeg or found.reason) and waited < PREVIEW_SECONDS and not progress:isCanceled() do
    LrTasks.sleep(LOOK_SECONDS)
    waited = waited + LOOK_SECONDS
  end
  return found.jpeg, found.reason or ''
end

local function row_of(answer)
  local codes = {}
  for index, deduction in ipairs(answer.deductions) do
    codes[index] = deduction.code
  end
  return {
    rating = math.max(math.floor(answer.composite.stars + 0.5), 1),
    technical = string.format('%.2f', answer.technical.mean),
    aesthetic = string.format('%.2f', answer.aesthetic.mean),
    composite = string.format('%.2f', answer.composite.score),
    reasons = table.concat(codes, ' '),
    model = answer.model.id .. ' ' .. answer.model.version,
  }
end

--- Sends a preview; returns its row, or nil, what is wrong, whether that is of all photographs, and the status.
local function evaluated(settings, headers, file)
  local part = { name = 'image', fileName = 'preview.jpg', filePath = file, contentType = 'image/jpeg' }
  local url = settings.url .. '/evaluate?style=' .. settings.style
  local body, about = LrHttp.postMultipart(url, { part }, headers, ANSWER_SECONDS)
  local status = about and tonumber(about.status)
  if not status then
    local reason = about and about.error and about.error.name or '-'
    return nil, LOC('$$$/Nima/Error/Api=The API does not answer (^1).', reason), true
  end
  local readable, answer = pcall(Json.read, body or '')
  local known = readable and type(answer) == 'table' and answer or {}
  if status == 200 then
    local fine, row = pcall(row_of, known)
    if fine then
      return row
    end
    return nil, LOC('$$$/Nima/Error/Answer=What answers at ^1 is another program.', settings.url), true, status
  end
  local refusal = type(known.error) == 'table' and known.error or {}
  local message = refusal.message or known.message or LOC('$$$/Nima/Error/Status=The API answers with status ^1.', status)
  return nil, Words.refusal(refusal.code, message), not (OF_ONE[status] and refusal.code), status
end

--- Waits, though not for a user who has cancelled.
local function pause(seconds, progress)
  for _ = 1, seconds / LOOK_SECONDS do
    if progress:isCanceled() then
      return
    end
    LrTasks.sleep(LOOK_SECONDS)
  end
end

--- Asks again after a while where the API is busy.
local function asked(settings, headers, file, progress)
  local row, message, of_all, status
  for try = 1, TRIES do
    row, message, of_all, status = evaluated(settings, headers, file)
    if BUSY[status] and try < TRIES then
      pause(PAUSE_SECONDS * try, progress)
    end
    if not BUSY[status] or progress:isCanceled() then
      break
    end
  end
  return row, message, of_all
end

--- Rows by path; nil where the user has cancelled. What is wrong with the API ends the asking, not what was found.
function ByApi.photos(context, settings, photos, progress)
  if not Settings.is_safe(settings.url) then
    LrErrors.throwUserError(
      LOC '$$$/Nima/Error/Url=The address of the API begins with https:// (or http:// on this computer). It is set in the Plug-in Manager.'
    )
  end
  local key, found, wrong = Settings.key(), {}, nil
  local headers = key ~= '' and { { field = 'x-api-key', value = key } } or {}
  local file = Files.temporary(context, 'nima-preview.jpg')
  for index, photo in ipairs(photos) do
    local row, message, of_all
    if not wrong then
      local jpeg, reason = preview(photo.photo, progress)
      if jpeg and not progress:isCanceled() then
        Files.write(file, jpeg)
        row, message, of_all = asked(settings, headers, file, progress)
      else
        message = LOC('$$$/Nima/Error/Preview=Lightroom has no preview of it. ^1', reason)
      end
      wrong = of_all and message or nil
    end
    if progress:isCanceled() then
      return nil
    end
    found[photo.path] = row or { error = wrong or message }
    progress:setPortionComplete(index, #photos)
    LrTasks.yield()
  end
  return found
end

return ByApi
