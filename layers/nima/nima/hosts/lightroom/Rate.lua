-- Library > Plug-in Extras > Rate the selected photographs

local LrApplication = import 'LrApplication'
local LrDialogs = import 'LrDialogs'
local LrFunctionContext = import 'LrFunctionContext'
local LrProgressScope = import 'LrProgressScope'
local LrView = import 'LrView'

local Apply = require 'Apply'
local ByApi = require 'ByApi'
local ByCommand = require 'ByCommand'
local Changes = require 'Changes'
local Selection = require 'Selection'
local Settings = require 'Settings'
local Words = require 'Words'

local COLOURS = {
  red = LOC '$$$/Nima/Label/red=red',
  yellow = LOC '$$$/Nima/Label/yellow=yellow',
  green = LOC '$$$/Nima/Label/green=green',
  blue = LOC '$$$/Nima/Label/blue=blue',
  purple = LOC '$$$/Nima/Label/purple=purple',
  none = LOC '$$$/Nima/Label/none=no label',
}

local FLAGS = {
  [1] = LOC '$$$/Nima/Pick=pick',
  [0] = LOC '$$$/Nima/Unflag=no flag',
  [-1] = LOC '$$$/Nima/Reject=reject',
}

local SHOWN = 500 -- lines of the preview

local function line(change)
  local parts = {}
  if change.set.rating then
    parts[#parts + 1] = string.rep('★', change.set.rating)
  end
  if change.set.pick then
    parts[#parts + 1] = FLAGS[change.set.pick]
  end
  if change.set.label then
    parts[#parts + 1] = COLOURS[change.set.label]
  end
  if #change.kept > 0 then
    parts[#parts + 1] = LOC '$$$/Nima/Kept=set by hand, stays'
  end
  local row = change.row
  return string.format('%s   %s   %s  %s', change.photo.name, table.concat(parts, ', '), row.composite, Words.reasons(row.reasons))
end

local function confirmed(changes, refused)
  local lines, ratings, kept = {}, 0, 0
  for _, one in ipairs(refused) do
    lines[#lines + 1] = one.name .. '   ' .. one.error
  end
  for _, change in ipairs(changes) do
    ratings = ratings + (next(change.set) and 1 or 0)
    kept = kept + (#change.kept > 0 and 1 or 0)
    lines[#lines + 1] = line(change)
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
        view:static_text({ title = table.concat(lines, '\n', 1, math.min(#lines, SHOWN)), width = 610, height_in_lines = -1 }),
      }),
    }),
  })
  return answer == 'ok'
end

--- What is to be shown: the changes, by what is set of photographs by now, and those that have no scores.
local function found(photos, rows, states, settings)
  local changes, refused = {}, {}
  for _, photo in ipairs(photos) do
    local row, state = rows[photo.path], states[photo.photo]
    local problem = not row and LOC '$$$/Nima/Error/Missing=It was left out.' or row.error
    if problem then
      refused[#refused + 1] = { name = photo.name, error = problem }
    else
      local set, kept = Changes.of(state, row, settings)
      changes[#changes + 1] = { photo = photo, state = state, row = row, set = set, kept = kept }
    end
  end
  return changes, refused
end

local function rate(context)
  local catalog, settings = LrApplication.activeCatalog(), Settings.read()
  local photos = Selection.photos(catalog)
  if #photos == 0 then
    LrDialogs.message(LOC '$$$/Nima/None=There is no photograph among what is selected.')
    return
  end
  local judging = LrProgressScope({ title = LOC '$$$/Nima/Judging=NIMA judges photographs', functionContext = context })
  judging:setCancelable(true)
  local judge = settings.judge == 'api' and ByApi or ByCommand
  local rows = judge.photos(context, settings, photos, judging)
  judging:done()
  if not rows then
    return
  end
  local changes, refused = found(photos, rows, Selection.states(catalog, photos), settings)
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
