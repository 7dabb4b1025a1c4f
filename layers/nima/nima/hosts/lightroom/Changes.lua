-- What would change of photographs: what was set by hand stays, unless the user wants otherwise.

local Changes = {}

-- Lightroom's names of colours, by those of XMP.
local COLOURS = { Red = 'red', Yellow = 'yellow', Green = 'green', Blue = 'blue', Purple = 'purple' }
local FIELDS = { 'rating', 'pick', 'label' }
local UNSET = { rating = 0, pick = 0, label = 'none' }

local function earlier(state)
  local written = {}
  for field, value in (state.written or ''):gmatch('(%w+)=([^;]*)') do
    written[field] = value
  end
  return written
end

--- The flag of a photograph: that which is asked for, or none in place of one of its own that is no longer deserved.
local function flag(pick, own, settings)
  local set = { [1] = settings.setPick, [-1] = settings.setReject }
  if set[pick] then
    return pick
  end
  return pick and own and own ~= pick and set[own] and UNSET.pick or nil
end

--- What each field is to hold; nil where that is not known, or the user does not want it set.
local function wanted(row, written, settings)
  return {
    rating = settings.setRating and tonumber(row.rating) or nil,
    pick = flag(tonumber(row.pick), tonumber(written.pick), settings),
    label = settings.setLabel and row.label and (COLOURS[row.label] or UNSET.label) or nil,
  }
end

--- The changes of one photograph.
-- @param state rating, pick, label and written, as Selection.states gives them
-- @param row what was found of it: rating, pick and label
-- @param settings as Settings.read gives them
-- @return what to set, and the names of what stays as a hand has made it
function Changes.of(state, row, settings)
  local set, kept = {}, {}
  local written = earlier(state)
  local values = wanted(row, written, settings)
  for _, field in ipairs(FIELDS) do
    local value, current, own = values[field], state[field], written[field]
    -- What this plug-in has set is a hand's as soon as it is changed, or taken away.
    local by_hand = tostring(current) ~= (own or tostring(UNSET[field]))
    local to_set = value ~= UNSET[field]
    if value ~= nil and value ~= current then
      if not by_hand or (settings.overwrite and to_set) then
        set[field] = value
      elseif to_set then
        kept[#kept + 1] = field
      end
    end
  end
  return set, kept
end

--- What was set of a photograph by this plug-in, now and earlier, as its field `written` keeps it.
function Changes.remembered(state, set)
  local written, parts = earlier(state), {}
  for field, value in pairs(set) do
    written[field] = value ~= UNSET[field] and tostring(value) or nil
  end
  for _, field in ipairs(FIELDS) do
    if written[field] then
      parts[#parts + 1] = field .. '=' .. written[field]
    end
  end
  return table.concat(parts, ';')
end

--- Lists of at most `size`, in order.
function Changes.batches(list, size)
  local batches = {}
  for index, one in ipairs(list) do
    if (index - 1) % size == 0 then
      batches[#batches + 1] = {}
    end
    local last = batches[#batches]
    last[#last + 1] = one
  end
  return batches
end

return Changes
