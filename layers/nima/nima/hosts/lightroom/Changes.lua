-- What would change of photographs: what was set by hand stays, unless the user wants otherwise.

local Changes = {}

-- Lightroom's names of colours, by those of XMP.
local COLOURS = { Red = 'red', Yellow = 'yellow', Green = 'green', Blue = 'blue', Purple = 'purple' }

--- What a field holds: nothing, or something that people or this plug-in have set.
local function is_free(field, current, written)
  local empty = current == nil or current == 0 or current == '' or current == 'none'
  return empty or (written[field] ~= nil and tostring(current) == written[field])
end

local function earlier(photo)
  local written = {}
  for field, value in (photo.written or ''):gmatch('(%w+)=([^;]*)') do
    written[field] = value
  end
  return written
end

--- The changes of one photograph.
-- @param photo path, rating, pick, label and written, as Lightroom has them
-- @param row what was found of it: rating, pick and label, and an error where there is one
-- @param settings as Settings.read gives them
-- @return what to set, and the names of what stays as a hand has made it
function Changes.of(photo, row, settings)
  local set, kept = {}, {}
  if row.error ~= '' then
    return set, kept
  end
  local pick = tonumber(row.pick)
  local wanted = {
    rating = settings.setRating and tonumber(row.rating) or nil,
    pick = (pick == 1 and settings.setPick or pick == -1 and settings.setReject) and pick or nil,
    label = settings.setLabel and COLOURS[row.label] or nil,
  }
  local written = earlier(photo)
  for _, field in ipairs({ 'rating', 'pick', 'label' }) do
    local value, current = wanted[field], photo[field]
    if value ~= nil and value ~= current then
      if settings.overwrite or is_free(field, current, written) then
        set[field] = value
      else
        kept[#kept + 1] = field
      end
    end
  end
  return set, kept
end

--- What was set of a photograph by this plug-in, now and earlier, as its field `written` keeps it.
function Changes.remembered(photo, set)
  local written, parts = earlier(photo), {}
  for field, value in pairs(set) do
    written[field] = tostring(value)
  end
  for _, field in ipairs({ 'rating', 'pick', 'label' }) do
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
