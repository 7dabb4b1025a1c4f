-- What the user has chosen, with what holds until then.

local LrPasswords = import 'LrPasswords'
local LrPrefs = import 'LrPrefs'

local Settings = {}

local KEY = 'nima-api-key'

Settings.usual = {
  judge = 'command', -- or 'api'
  command = 'nima',
  url = '',
  style = 'general',
  stars = 'percentile', -- or 'score'; the API knows no other photographs
  setRating = true,
  setPick = true,
  setLabel = false,
  setReject = false,
  overwrite = false,
}

function Settings.read()
  local preferences, found = LrPrefs.prefsForPlugin(), {}
  for name, usual in pairs(Settings.usual) do
    local chosen = preferences[name]
    found[name] = chosen == nil and usual or chosen
  end
  return found
end

function Settings.key()
  return LrPasswords.retrieve(KEY) or ''
end

function Settings.keep(key)
  LrPasswords.store(KEY, key)
end

return Settings
