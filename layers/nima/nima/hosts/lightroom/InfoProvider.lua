-- The settings, in Lightroom's Plug-in Manager.

local LrPrefs = import 'LrPrefs'
local LrView = import 'LrView'

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

local function sections(view)
  local preferences = LrPrefs.prefsForPlugin()
  for name, value in pairs(Settings.read()) do
    preferences[name] = value
  end
  return {
    {
      title = LOC '$$$/Nima/Settings/Judge=Who judges',
      bind_to_object = preferences,
      view:column({
        spacing = view:control_spacing(),
        view:radio_button({ title = LOC '$$$/Nima/Settings/Command=The command on this computer', value = bind('judge'), checked_value = 'command' }),
        row(view, LOC '$$$/Nima/Settings/Path=Command', view:edit_field({ value = bind('command'), width_in_chars = 40 })),
        view:radio_button({ title = LOC '$$$/Nima/Settings/Api=The HTTPS API, which is sent a preview', value = bind('judge'), checked_value = 'api' }),
        row(view, LOC '$$$/Nima/Settings/Url=Address', view:edit_field({ value = bind('url'), width_in_chars = 40 })),
        row(
          view,
          LOC '$$$/Nima/Settings/Key=API key',
          view:password_field({
            value = Settings.key(),
            width_in_chars = 40,
            validate = function(_, key)
              Settings.keep(key)
              return true, key
            end,
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

return { sectionsForTopOfDialog = sections }
