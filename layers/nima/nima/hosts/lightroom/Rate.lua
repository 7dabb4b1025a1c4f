-- Library > Plug-in Extras > Rate the selected photographs

local LrApplication = import 'LrApplication'
local LrDialogs = import 'LrDialogs'
local LrFunctionContext = import 'LrFunctionContext'
local LrProgressScope = import 'LrProgressScope'
local LrView = import 'LrView'

local Apply = require 'Apply'
local Changes = require 'Changes'
local Judge = require 'Judge'
local Settings = require 'Settings'

local COLOURS = {
  red = LOC '$$$/Nima/Label/red=red',
  yellow = LOC '$$$/Nima/Label/yellow=yellow',
  green = LOC '$$$/Nima/Label/green=green',
  blue = LOC '$$$/Nima/Label/blue=blue',
  purple = LOC '$$$/Nima/Label/purple=purple',
}

local SHOWN = 500 -- lines of the preview

local function selected(catalog)
  local photos = {}
  for _, photo in ipairs(catalog:getTargetPhotos()) do
    -- A video has no picture to judge, a virtual copy no file of its own.
    if photo:getRawMetadata('fileFormat') ~= 'VIDEO' and not photo:getRawMetadata('isVirtualCopy') then
      photos[#photos + 1] = {
        photo = photo,
        path = photo:getRawMetadata('path'),
        name = photo:getFormattedMetadata('fileName'),
        rating = photo:getRawMetadata('rating'),
        pick = photo:getRawMetadata('pickStatus'),
        label = photo:getRawMetadata('colorNameForLabel'),
        written = photo:getPropertyForPlugin(_PLUGIN, 'written'),
      }
    end
  end
  return photos
end

local function line(change)
  local parts = {}
  if change.set.rating then
    parts[#parts + 1] = string.rep('★', change.set.rating)
  end
  if change.set.pick then
    parts[#parts + 1] = change.set.pick == 1 and LOC '$$$/Nima/Pick=pick' or LOC '$$$/Nima/Reject=reject'
  end
  if change.set.label then
    parts[#parts + 1] = COLOURS[change.set.label]
  end
  if #change.kept > 0 then
    parts[#parts + 1] = LOC '$$$/Nima/Kept=set by hand, stays'
  end
  local row = change.row
  return string.format('%s   %s   %s  %s', change.photo.name, table.concat(parts, ', '), row.composite, row.reasons)
end

local function confirmed(changes, refused)
  local lines, ratings, kept = {}, 0, 0
  for _, change in ipairs(changes) do
    ratings = ratings + (next(change.set) and 1 or 0)
    kept = kept + (#change.kept > 0 and 1 or 0)
    if #lines < SHOWN then
      lines[#lines + 1] = line(change)
    end
  end
  for _, one in ipairs(refused) do
    if #lines < SHOWN then
      lines[#lines + 1] = one.name .. '   ' .. one.error
    end
  end
  local view = LrView.osFactory()
  local answer = LrDialogs.presentModalDialog({
    title = LOC '$$$/Nima/Preview/Title=What will change',
    actionVerb = LOC '$$$/Nima/Preview/Apply=Apply',
    contents = view:column({
      spacing = view:control_spacing(),
      view:static_text({
        title = LOC(
          '$$$/Nima/Preview/Sum=^1 photographs change, ^2 keep what was set by hand, ^3 have no scores.',
          ratings,
          kept,
          #refused
        ),
      }),
      view:scrolled_view({
        width = 640,
        height = 320,
        view:static_text({ title = table.concat(lines, '\n'), width = 610, height_in_lines = -1 }),
      }),
    }),
  })
  return answer == 'ok'
end

local function rate(context)
  local catalog, settings = LrApplication.activeCatalog(), Settings.read()
  local photos = selected(catalog)
  if #photos == 0 then
    LrDialogs.message(LOC '$$$/Nima/None=There is no photograph among what is selected.')
    return
  end
  local judging = LrProgressScope({ title = LOC '$$$/Nima/Judging=NIMA judges photographs', functionContext = context })
  judging:setCancelable(true)
  local rows = Judge.photos(settings, photos, judging)
  judging:done()
  if not rows then
    return
  end
  local changes, refused = {}, {}
  for _, photo in ipairs(photos) do
    local row = rows[photo.path]
    local problem = row and row.error or LOC '$$$/Nima/Error/Missing=It was left out.'
    if problem ~= '' then
      refused[#refused + 1] = { name = photo.name, error = problem }
    else
      local set, kept = Changes.of(photo, row, settings)
      changes[#changes + 1] = { photo = photo, row = row, set = set, kept = kept }
    end
  end
  if not confirmed(changes, refused) then
    return
  end
  local writing = LrProgressScope({ title = LOC '$$$/Nima/Writing=NIMA writes ratings', functionContext = context })
  writing:setCancelable(true)
  local done = Apply.all(catalog, changes, writing)
  writing:done()
  LrDialogs.showBezel(LOC('$$$/Nima/Done=^1 of ^2 photographs rated', done, #photos))
end

LrFunctionContext.postAsyncTaskWithContext('nima rate', function(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  rate(context)
end)
