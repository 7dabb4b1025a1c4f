-- The photographs that the user has selected, and what Lightroom has of them.

local Selection = {}

local STATE = { 'rating', 'pickStatus', 'colorNameForLabel' }

local function state_of(raw, label, written)
  local colour = raw.colorNameForLabel or 'none'
  return {
    rating = raw.rating or 0,
    pick = raw.pickStatus or 0,
    -- A label of the user's own is none of the colours, and still a label.
    label = colour == 'none' and label ~= nil and label ~= '' and 'custom' or colour,
    written = written,
  }
end

--- The photographs that can be judged, as tables of photo, path and name.
function Selection.photos(catalog)
  local photos = {}
  if not catalog:getTargetPhoto() then
    return photos -- where nothing is selected, getTargetPhotos has all that is shown
  end
  local all = catalog:getTargetPhotos()
  local raw = catalog:batchGetRawMetadata(all, { 'path', 'fileFormat', 'isVirtualCopy' })
  local formatted = catalog:batchGetFormattedMetadata(all, { 'fileName' })
  for _, photo in ipairs(all) do
    -- A video has no picture to judge, a virtual copy no file of its own.
    if raw[photo].fileFormat ~= 'VIDEO' and not raw[photo].isVirtualCopy then
      photos[#photos + 1] = { photo = photo, path = raw[photo].path, name = formatted[photo].fileName }
    end
  end
  return photos
end

--- What is set of a photograph now: rating, pick and label, and what this plug-in has written.
function Selection.state(photo)
  local raw = {}
  for _, key in ipairs(STATE) do
    raw[key] = photo:getRawMetadata(key)
  end
  return state_of(raw, photo:getFormattedMetadata('label'), photo:getPropertyForPlugin(_PLUGIN, 'written'))
end

--- The same of many photographs, by their objects.
function Selection.states(catalog, photos)
  local all, states = {}, {}
  for index, one in ipairs(photos) do
    all[index] = one.photo
  end
  local raw = catalog:batchGetRawMetadata(all, STATE)
  local formatted = catalog:batchGetFormattedMetadata(all, { 'label' })
  local own = catalog:batchGetPropertyForPlugin(all, _PLUGIN, { 'written' })
  for _, photo in ipairs(all) do
    states[photo] = state_of(raw[photo], formatted[photo].label, (own[photo] or {}).written)
  end
  return states
end

return Selection
