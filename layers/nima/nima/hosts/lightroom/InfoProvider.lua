-- The settings, in Lightroom's Plug-in Manager.

local LrPrefs = import 'LrPrefs'
local LrView = import 'LrView'

local Here = require 'Here'
local Settings = require 'Settings'

local bind = LrView.bind

local STYLES = {
  { value = 'general', title = LOC '$$$/Nima/Style/general=general' },
  { value = 'ecommerce', title = LOC '$$$/Nima/Style/ecommerce=e-commerce' },
  { value = 'landscape', title = LOC '$$$/Nima/Style/landscape=landscape' },
  { value = 'portrait', title = LOC '$$$/Nima/Style/portrait=portrait' },
  { value = 'creative', title = LOC '$$$/Nima/Style/creative=creative' },
}

local function row(view, title, control)
  return view:row({ view:static_text({ title = title, width = LrView.share('nima_label') }), control })
end

--- A field that takes what is typed at once: on macOS others do so when Return is pressed, and not by the button.
local function typed(view, value, usual)
  return view:edit_field({ value = value, immediate = true, width_in_chars = 40, placeholder_string = usual })
end

local function judge(view, title, value)
  return view:radio_button({ title = title, value = bind('judge'), checked_value = value })
end

local function start(properties)
  local preferences = LrPrefs.prefsForPlugin()
  for name, usual in pairs(Settings.usual) do
    if preferences[name] == nil then
      preferences[name] = usual
    end
  end
  properties.key = Settings.key()
end

local function finish(properties)
  Settings.keep(properties.key)
end

local function sections(view, properties)
  local preferences = LrPrefs.prefsForPlugin()
  return {
    {
      title = LOC '$$$/Nima/Settings/Judge=Who judges',
      bind_to_object = preferences,
      view:column({
        spacing = view:control_spacing(),
        judge(view, LOC '$$$/Nima/Settings/Command=The command on this computer', 'command'),
        row(view, LOC '$$$/Nima/Settings/Path=Command', typed(view, bind('command'), Here.command)),
        judge(view, LOC '$$$/Nima/Settings/Api=The HTTPS API, which is sent a preview', 'api'),
        row(view, LOC '$$$/Nima/Settings/Url=Address', typed(view, bind('url'), Here.url)),
        row(
          view,
          LOC '$$$/Nima/Settings/Key=API key',
          view:password_field({
            value = bind({ key = 'key', bind_to_object = properties }),
            immediate = true,
            width_in_chars = 40,
          })
        ),
        row(view, LOC '$$$/Nima/Settings/Style=Style', view:popup_menu({ value = bind('style'), items = STYLES })),
      }),
    },
    {
      title = LOC '$$$/Nima/Settings/What=What is set',
      bind_to_object = preferences,
      view:column({
        spacing = view:control_spacing(),
        view:checkbox({ title = LOC '$$$/Nima/Settings/Rating=Ratings of 1 to 5 stars', value = bind('setRating') }),
        view:popup_menu({
          value = bind('stars'),
          items = {
            { title = LOC '$$$/Nima/Settings/ByPercentile=by rank among the selected photographs', value = 'percentile' },
            { title = LOC '$$$/Nima/Settings/ByScore=by score', value = 'score' },
          },
        }),
        view:checkbox({ title = LOC '$$$/Nima/Settings/Pick=Pick flags of the best', value = bind('setPick') }),
        view:checkbox({ title = LOC '$$$/Nima/Settings/Reject=Reject flags of the worst', value = bind('setReject') }),
        view:checkbox({ title = LOC '$$$/Nima/Settings/Label=Colour labels', value = bind('setLabel') }),
        view:checkbox({ title = LOC '$$$/Nima/Settings/Overwrite=Also where something was set by hand', value = bind('overwrite') }),
      }),
    },
  }
end

return { startDialog = start, endDialog = finish, sectionsForTopOfDialog = sections }
