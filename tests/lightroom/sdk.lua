-- A strict stand-in for Lightroom Classic's SDK: what the SDK does not have raises an error when it is asked for.
-- `host` comes from Python: what the user has selected and chosen, and what reaches out of Lightroom.

local function strict(name, members)
  return setmetatable(members, {
    __index = function(_, key)
      error(name .. ' has no member ' .. tostring(key), 2)
    end,
    __newindex = function(_, key)
      error(name .. ' takes no member ' .. tostring(key), 2)
    end,
  })
end

local function one_of(value, allowed, what)
  for _, one in ipairs(allowed) do
    if one == value then
      return value
    end
  end
  error(what .. ' is not ' .. tostring(value), 3)
end

local modules = {}
local writing = false

function import(name)
  return modules[name] or error('the SDK has no module ' .. name, 2)
end

local READ = { 'path', 'fileFormat', 'isVirtualCopy', 'rating', 'pickStatus', 'colorNameForLabel' }
local COLOURS = { 'red', 'yellow', 'green', 'blue', 'purple', 'none' }

local function photo(facts)
  local kept = {}
  local self
  self = strict('LrPhoto', {
    facts = facts,
    getRawMetadata = function(_, key)
      return facts[one_of(key, READ, 'a raw key')]
    end,
    getFormattedMetadata = function(_, key)
      return facts[one_of(key, { 'fileName' }, 'a formatted key')]
    end,
    getPropertyForPlugin = function(_, plugin, key)
      assert(plugin == _PLUGIN)
      return facts.properties[one_of(key, host.fields(), 'a field')]
    end,
    setRawMetadata = function(_, key, value)
      assert(writing, 'the catalogue is written outside of withWriteAccessDo')
      if key == 'rating' then
        one_of(value, { 0, 1, 2, 3, 4, 5 }, 'a rating')
      elseif key == 'pickStatus' then
        one_of(value, { -1, 0, 1 }, 'a flag')
      else
        one_of(key, { 'colorNameForLabel' }, 'a key')
        one_of(value, COLOURS, 'a colour')
      end
      facts[key] = value
    end,
    setPropertyForPlugin = function(_, plugin, key, value)
      assert(writing, 'the catalogue is written outside of withWriteAccessDo')
      assert(plugin == _PLUGIN)
      one_of(key, host.fields(), 'a field')
      local allowed = host.values(key)
      if allowed and value ~= nil then
        one_of(value, allowed, 'a value of ' .. key)
      end
      assert(value == nil or type(value) == 'string', key .. ' takes text')
      facts.properties[key] = value
    end,
    requestJpegThumbnail = function(_, width, height, callback)
      assert(width > 0 and height > 0)
      kept[#kept + 1] = callback
      callback(host.thumbnail(facts.path))
      return self
    end,
  })
  return self
end

local catalog = strict('LrCatalog', {
  getTargetPhotos = function()
    local found = {}
    for index, facts in ipairs(host.photos) do
      found[index] = photo(facts)
    end
    return found
  end,
  withWriteAccessDo = function(_, name, action, options)
    assert(type(name) == 'string' and #name > 0 and options.timeout > 0)
    assert(not writing, 'write access is asked for within itself')
    host.writes = host.writes + 1
    if host.busy then
      return 'aborted'
    end
    writing = true
    action()
    writing = false
    return 'executed'
  end,
})

local function callable(name, make)
  return setmetatable({}, {
    __call = function(_, ...)
      return make(...)
    end,
    __index = function(_, key)
      error(name .. ' has no member ' .. tostring(key), 2)
    end,
  })
end

modules.LrApplication = strict('LrApplication', {
  activeCatalog = function()
    return catalog
  end,
})
modules.LrDialogs = strict('LrDialogs', {
  message = function(text)
    host.said[#host.said + 1] = text
  end,
  showBezel = function(text)
    host.said[#host.said + 1] = text
  end,
  presentModalDialog = function(options)
    assert(options.title and options.contents and options.actionVerb)
    host.shown = options.contents
    return host.answer
  end,
  attachErrorDialogToFunctionContext = function(context)
    context.dialog = true
  end,
})
modules.LrFunctionContext = strict('LrFunctionContext', {
  postAsyncTaskWithContext = function(name, action)
    local context = { name = name }
    local fine, message = pcall(action, context)
    writing = false
    if not fine then
      assert(context.dialog, 'an error that nobody is shown: ' .. tostring(message))
      host.errors[#host.errors + 1] = tostring(message)
    end
  end,
})
modules.LrProgressScope = callable('LrProgressScope', function(options)
  assert(options.title and options.functionContext)
  local last = -1
  return strict('LrProgressScope', {
    setCancelable = function() end,
    isCanceled = function()
      host.looks = host.looks + 1
      return host.cancel_after ~= nil and host.looks > host.cancel_after
    end,
    setPortionComplete = function(_, done, total)
      assert(done >= last and done <= total)
      last = done
    end,
    done = function() end,
  })
end)
modules.LrTasks = strict('LrTasks', {
  execute = function(line)
    return host.execute(line)
  end,
  yield = function()
    assert(not writing, 'a task yields while it has write access')
  end,
  sleep = function() end,
})
modules.LrHttp = strict('LrHttp', {
  postMultipart = function(url, parts, headers, timeout)
    assert(timeout > 0)
    for _, part in ipairs(parts) do
      assert(part.name and part.fileName and part.filePath and part.contentType)
    end
    local status, body = host.post(url, parts[1].filePath, headers[1].field, headers[1].value)
    return body, strict('headers', { status = status })
  end,
})
modules.LrFileUtils = strict('LrFileUtils', {
  chooseUniqueFileName = function(path)
    return host.unique(path)
  end,
  delete = function(path)
    host.delete(path)
  end,
})
modules.LrPathUtils = strict('LrPathUtils', {
  getStandardFilePath = function(name)
    return host.folder(one_of(name, { 'temp' }, 'a standard folder'))
  end,
  child = function(folder, name)
    return folder .. '/' .. name
  end,
})
modules.LrPrefs = strict('LrPrefs', {
  prefsForPlugin = function()
    return host.preferences
  end,
})
modules.LrPasswords = strict('LrPasswords', {
  store = function(name, value)
    host.passwords[name] = value
  end,
  retrieve = function(name)
    return host.passwords[name]
  end,
})

local function control(kind, properties)
  return function(_, options)
    for name in pairs(options) do
      if type(name) == 'string' then
        one_of(name, properties, 'a property of ' .. kind)
      end
    end
    options.kind = kind
    return options
  end
end

local SIZES = { 'width', 'height', 'width_in_chars', 'height_in_lines' }
local function with(...)
  local found = { ... }
  for _, size in ipairs(SIZES) do
    found[#found + 1] = size
  end
  return found
end

modules.LrView = strict('LrView', {
  osFactory = function()
    return host.view
  end,
  bind = function(name)
    assert(name)
    return { bound = name }
  end,
  share = function(name)
    return name
  end,
})
host.view = strict('LrView.osFactory', {
  column = control('column', with('spacing', 'bind_to_object')),
  row = control('row', with('spacing')),
  static_text = control('static_text', with('title')),
  scrolled_view = control('scrolled_view', with()),
  edit_field = control('edit_field', with('value')),
  password_field = control('password_field', with('value', 'validate')),
  popup_menu = control('popup_menu', with('value', 'items')),
  radio_button = control('radio_button', with('title', 'value', 'checked_value')),
  checkbox = control('checkbox', with('title', 'value')),
  control_spacing = function()
    return 8
  end,
})

_PLUGIN = strict('_PLUGIN', { path = host.plugin })
if host.windows then
  WIN_ENV, MAC_ENV = true, false
else
  WIN_ENV, MAC_ENV = false, true
end

function LOC(text, ...)
  local key, usual = text:match('^%$%$%$/([^=]+)=(.*)$')
  assert(key, 'no key in ' .. text)
  local said = host.translated(key) or usual
  local facts = { ... }
  return (said:gsub('%^(%d)', function(place)
    return tostring(facts[tonumber(place)])
  end))
end

-- As in Lightroom, a plug-in sees no more of Lua's libraries than it is given.
package.path = host.plugin .. '/?.lua'
for _, name in ipairs({ 'execute', 'exit', 'remove', 'rename', 'setlocale', 'tmpname', 'getenv' }) do
  os[name] = nil
end
