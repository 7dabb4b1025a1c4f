-- Writes changes into the catalogue, some at a time, so that Lightroom stays usable and each step can be undone.

local LrTasks = import 'LrTasks'

local Bands = require 'Bands'
local Changes = require 'Changes'

local Apply = {}

local AT_ONCE = 200
local WAIT_SECONDS = 30
local NAMES = { rating = 'rating', pick = 'pickStatus', label = 'colorNameForLabel' }

local function fields(row)
  local scores = {}
  for _, name in ipairs({ 'technical', 'aesthetic', 'composite' }) do
    scores[name] = Bands.of(Bands.scores, tonumber(row[name]))
  end
  scores.percentile = Bands.of(Bands.percentiles, tonumber(row.percentile))
  scores.scores = LOC('$$$/Nima/Scores=technical ^1, aesthetic ^2, composite ^3', row.technical, row.aesthetic, row.composite)
  scores.reasons = row.reasons
  scores.model = row.model
  return scores
end

local function write(change)
  for field, name in pairs(NAMES) do
    if change.set[field] ~= nil then
      change.photo.photo:setRawMetadata(name, change.set[field])
    end
  end
  for name, value in pairs(fields(change.row)) do
    change.photo.photo:setPropertyForPlugin(_PLUGIN, name, value)
  end
  change.photo.photo:setPropertyForPlugin(_PLUGIN, 'written', Changes.remembered(change.photo, change.set))
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
      error(LOC '$$$/Nima/Error/Busy=Lightroom is busy with the catalogue. What was written stays; try again for the rest.')
    end
    done = done + #some
    progress:setPortionComplete(done, #changes)
    LrTasks.yield()
  end
  return done
end

return Apply
