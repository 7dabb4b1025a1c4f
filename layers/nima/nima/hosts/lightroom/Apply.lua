-- Writes changes into the catalogue, some at a time, so that Lightroom stays usable and each step can be undone.

local LrErrors = import 'LrErrors'
local LrTasks = import 'LrTasks'

local Bands = require 'Bands'
local Changes = require 'Changes'
local Selection = require 'Selection'
local Words = require 'Words'

local Apply = {}

local AT_ONCE = 200
local WAIT_SECONDS = 30
local NAMES = { rating = 'rating', pick = 'pickStatus', label = 'colorNameForLabel' }
local FIELDS = { 'composite', 'technical', 'aesthetic', 'percentile', 'scores', 'reasons', 'model', 'written' }

--- The plug-in's own fields; what is not known of a photograph this time is emptied.
local function fields(row)
  local found = { percentile = Bands.of(Bands.percentiles, tonumber(row.percentile)), model = row.model }
  for _, name in ipairs({ 'technical', 'aesthetic', 'composite' }) do
    found[name] = Bands.of(Bands.scores, tonumber(row[name]))
  end
  found.scores = LOC('$$$/Nima/Scores=technical ^1, aesthetic ^2, composite ^3', row.technical, row.aesthetic, row.composite)
  found.reasons = Words.reasons(row.reasons)
  return found
end

--- Writes one change, less what a hand has changed since it was shown.
local function write(change)
  local photo, set = change.photo.photo, {}
  local now = Selection.state(photo)
  for field, value in pairs(change.set) do
    if now[field] == change.state[field] then
      set[field] = value
      photo:setRawMetadata(NAMES[field], value)
    end
  end
  local found = fields(change.row)
  found.written = Changes.remembered(now, set)
  for _, name in ipairs(FIELDS) do
    photo:setPropertyForPlugin(_PLUGIN, name, found[name])
  end
end

--- Writes changes; returns how many were written before the user cancelled.
function Apply.all(catalog, changes, progress)
  local done = 0
  for _, some in ipairs(Changes.batches(changes, AT_ONCE)) do
    if progress:isCanceled() then
      break
    end
    local ended = catalog:withWriteAccessDo(LOC '$$$/Nima/Undo=Rate with NIMA', function()
      for _, change in ipairs(some) do
        write(change)
      end
    end, { timeout = WAIT_SECONDS })
    if ended ~= 'executed' then
      LrErrors.throwUserError(
        LOC '$$$/Nima/Error/Busy=Lightroom is busy with the catalogue. What was written stays; try again for the rest.'
      )
    end
    done = done + #some
    progress:setPortionComplete(done, #changes)
    LrTasks.yield()
  end
  return done
end

return Apply
