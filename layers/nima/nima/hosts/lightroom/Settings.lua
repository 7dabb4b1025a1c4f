-- What the user has chosen, with what holds until then.

local LrPasswords = import 'LrPasswords'
local LrPathUtils = import 'LrPathUtils'
local LrPrefs = import 'LrPrefs'

local Here = require 'Here'

local Settings = {}

local KEY = 'nima-api-key'

Settings.usual = {
  judge = 'command', -- or 'api'
  command = '', -- the one that has made this copy of the plug-in
  url = '', -- the one that this copy was made for
  style = 'general',
  stars = 'percentile', -- or 'score'; the API knows no other photographs
  setRating = true,
  setPick = true,
  setLabel = false,
  setReject = false,
  overwrite = false,
}

--- What was typed, without what people copy along: blanks, and the quotation marks of Windows' "Copy as path".
local function typed(text)
  local plain = (text or ''):match('^%s*(.-)%s*$')
  return plain:match('^"(.*)"$') or plain
end

function Settings.read()
  local preferences, found = LrPrefs.prefsForPlugin(), {}
  for name, usual in pairs(Settings.usual) do
    local chosen = preferences[name]
    found[name] = chosen == nil and usual or chosen
  end
  local command, url = typed(found.command), typed(found.url)
  if command:sub(1, 1) == '~' then
    command = LrPathUtils.standardizePath(command)
  end
  found.command = command ~= '' and command or Here.command
  found.url = (url ~= '' and url or Here.url):gsub('/+$', '')
  return found
end

--- Whether a key and a photograph do not travel to this address in the clear.
function Settings.is_safe(url)
  local host = url:match('^http://(%[[%x:]+%])') or url:match('^http://([^/:]+)')
  local loopback = host == '127.0.0.1' or host == 'localhost' or host == '[::1]'
  return (loopback or url:match('^https://[^/]')) and not url:match('[%s?#]')
end

function Settings.key()
  return LrPasswords.retrieve(KEY) or ''
end

function Settings.keep(key)
  LrPasswords.store(KEY, typed(key))
end

return Settings
