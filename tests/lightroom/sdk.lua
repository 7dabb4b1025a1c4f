-- A strict stand-in for Lightroom Classic's SDK: what the SDK does not have, or does not take, raises an error.
-- Tasks are coroutines, as in Lightroom: what waits gives way to other tasks, and can do so in a task only.
-- `host` comes from Python: what the user has selected and chosen, and what reaches out of Lightroom. Plain values
-- alone pass: what Python does in Lua while a coroutine runs goes wrong in lupa.

local coroutine = coroutine

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

--- A function that takes arguments of these types, each 'type', 'type?' where it may be left out, or 'any'.
local function takes(name, types, action)
  return function(...)
    if select('#', ...) > #types then
      error(name .. ' takes ' .. #types .. ' arguments', 2)
    end
    for place, wanted in ipairs(types) do
      local found = type((select(place, ...)))
      local optional = wanted:sub(-1) == '?'
      if wanted ~= 'any' and found ~= wanted:gsub('%?$', '') and not (optional and found == 'nil') then
        error(name .. ' takes no ' .. found .. ' as argument ' .. place, 2)
      end
    end
    return action(...)
  end
end

local tasks, clock, current = {}, 0, nil
local writing -- the photographs that are written into, within write access
local callbacks = {} -- of previews, until they come
local USER = '\1user '

local function start(action)
  tasks[#tasks + 1] = coroutine.create(action)
end

--- Lets other tasks go on until something is so.
local function wait(what, ready)
  if not current then
    error(what .. ' is called outside of a task', 3)
  elseif writing then
    error(what .. ' gives way within write access', 3)
  end
  repeat
    coroutine.yield()
  until ready()
end

local function deliver()
  collectgarbage()
  collectgarbage()
  for index = #callbacks, 1, -1 do
    local one = callbacks[index]
    if not next(one.held) then
      table.remove(callbacks, index) -- nobody holds the request
    elseif clock >= one.due then
      table.remove(callbacks, index)
      one.callback(host.thumbnail(one.path))
    end
  end
end

--- Runs tasks until all have ended.
function host.drain()
  while #tasks > 0 do
    local now = tasks
    tasks = {}
    for _, thread in ipairs(now) do
      current = thread
      local fine, message = coroutine.resume(thread)
      current = nil
      if not fine then
        host.faults[#host.faults + 1] = tostring(message)
      elseif coroutine.status(thread) ~= 'dead' then
        tasks[#tasks + 1] = thread
      end
    end
    deliver()
    clock = clock + 0.1
    host.clock = clock
    host.pause()
  end
end

local modules = {}

import = takes('import', { 'string' }, function(name)
  return modules[name] or error('the SDK has no module ' .. name, 2)
end)

local RAW = { 'path', 'fileFormat', 'isVirtualCopy', 'rating', 'pickStatus', 'colorNameForLabel', 'smartPreviewInfo' }
local FORMATTED = { 'fileName', 'label' }
local COLOURS = { 'red', 'yellow', 'green', 'blue', 'purple', 'none' }

local function needs_gate(what, photo)
  if not writing then
    error(what .. ' is called outside of withWriteAccessDo', 3)
  end
  writing[photo] = true
end

local function needs_task(what)
  if not current then
    error(what .. ' is called outside of a task', 3)
  end
end

local function photo(facts)
  local self
  self = strict('LrPhoto', {
    getRawMetadata = takes('getRawMetadata', { 'table', 'string' }, function(_, key)
      needs_task('getRawMetadata')
      return facts[one_of(key, RAW, 'a raw key')]
    end),
    getFormattedMetadata = takes('getFormattedMetadata', { 'table', 'string' }, function(_, key)
      needs_task('getFormattedMetadata')
      return facts[one_of(key, FORMATTED, 'a formatted key')]
    end),
    getPropertyForPlugin = takes('getPropertyForPlugin', { 'table', 'table', 'string' }, function(_, plugin, key)
      assert(plugin == _PLUGIN)
      return facts.properties[one_of(key, host.fields, 'a field')]
    end),
    setRawMetadata = takes('setRawMetadata', { 'table', 'string', 'any' }, function(_, key, value)
      needs_gate('setRawMetadata', self)
      if key == 'rating' then
        one_of(value, { 1, 2, 3, 4, 5 }, 'a rating')
      elseif key == 'pickStatus' then
        one_of(value, { -1, 0, 1 }, 'a flag')
      else
        one_of(key, { 'colorNameForLabel' }, 'a key to be set')
        one_of(value, COLOURS, 'a colour')
        facts.label = value ~= 'none' and value or ''
      end
      facts[key] = value
    end),
    setPropertyForPlugin = takes('setPropertyForPlugin', { 'table', 'table', 'string', 'string?' }, function(_, plugin, key, value)
      needs_gate('setPropertyForPlugin', self)
      assert(plugin == _PLUGIN)
      one_of(key, host.fields, 'a field')
      local allowed = host.allowed[key]
      if allowed and value ~= nil then
        one_of(value, allowed, 'a value of ' .. key)
      end
      if value and #value > 511 then
        error('a searchable text has at most 511 bytes', 2)
      end
      facts.properties[key] = value
    end),
    requestJpegThumbnail = takes('requestJpegThumbnail', { 'table', 'number?', 'number?', 'function' }, function(_, _, _, callback)
      needs_task('requestJpegThumbnail')
      local request = {}
      local held = setmetatable({ [request] = true }, { __mode = 'k' })
      callbacks[#callbacks + 1] = { held = held, callback = callback, path = facts.path, due = clock + host.preview_seconds }
      return request
    end),
  })
  return self
end

local photos = {}
for index, facts in ipairs(host.photos) do
  photos[index] = photo(facts)
end

--- What a query of many photographs answers: tables by photo.
local function each(what, some, keys, read)
  wait(what, function()
    return true
  end)
  local found = {}
  for _, one in ipairs(some) do
    found[one] = {}
    for _, key in ipairs(keys) do
      found[one][key] = read(one, key)
    end
  end
  return found
end

local catalog = strict('LrCatalog', {
  getTargetPhoto = takes('getTargetPhoto', { 'table' }, function()
    needs_task('getTargetPhoto')
    return host.selected and photos[1] or nil
  end),
  getTargetPhotos = takes('getTargetPhotos', { 'table' }, function()
    needs_task('getTargetPhotos')
    return { unpack(photos) }
  end),
  batchGetRawMetadata = takes('batchGetRawMetadata', { 'table', 'table', 'table' }, function(_, some, keys)
    return each('batchGetRawMetadata', some, keys, function(one, key)
      return one:getRawMetadata(key)
    end)
  end),
  batchGetFormattedMetadata = takes('batchGetFormattedMetadata', { 'table', 'table', 'table' }, function(_, some, keys)
    return each('batchGetFormattedMetadata', some, keys, function(one, key)
      return one:getFormattedMetadata(key)
    end)
  end),
  batchGetPropertyForPlugin = takes('batchGetPropertyForPlugin', { 'table', 'table', 'table', 'table' }, function(_, some, plugin, keys)
    local found = each('batchGetPropertyForPlugin', some, keys, function(one, key)
      return one:getPropertyForPlugin(plugin, key)
    end)
    for one, properties in pairs(found) do
      found[one] = next(properties) and properties or nil -- the reference does not say what one without any has
    end
    return found
  end),
  withWriteAccessDo = takes('withWriteAccessDo', { 'table', 'string', 'function', 'table?' }, function(_, name, action, options)
    assert(#name > 0, 'what is to be undone has a name')
    if writing then
      error('write access is asked for within itself', 2)
    end
    for key, value in pairs(options or {}) do
      assert(key == 'timeout' and type(value) == 'number', 'withWriteAccessDo takes no ' .. key)
    end
    wait('withWriteAccessDo', function()
      return true
    end)
    if host.busy then
      return options and 'aborted' or error('the catalogue is busy', 2)
    end
    writing = {}
    local fine, message = pcall(action)
    local count = 0
    for _ in pairs(writing) do
      count = count + 1
    end
    writing = nil
    host.wrote(count)
    return fine and 'executed' or error(message, 0)
  end),
})

modules.LrApplication = strict('LrApplication', {
  activeCatalog = takes('activeCatalog', {}, function()
    return catalog
  end),
})
modules.LrDialogs = strict('LrDialogs', {
  message = takes('message', { 'string', 'string?', 'string?' }, function(text)
    host.said[#host.said + 1] = text
  end),
  showBezel = takes('showBezel', { 'string', 'number?' }, function(text)
    host.said[#host.said + 1] = text
  end),
  presentModalDialog = takes('presentModalDialog', { 'table' }, function(options)
    for name in pairs(options) do
      one_of(name, { 'title', 'contents', 'actionVerb', 'cancelVerb', 'otherVerb', 'resizable', 'save_frame' }, 'of a dialog')
    end
    assert(options.title and options.contents)
    host.shown = options.contents
    host.asked()
    return host.answer
  end),
  attachErrorDialogToFunctionContext = takes('attachErrorDialogToFunctionContext', { 'table' }, function(context)
    context:addFailureHandler(function(_, message)
      message = tostring(message)
      local list = message:sub(1, #USER) == USER and host.errors or host.faults
      list[#list + 1] = (message:gsub('^' .. USER, ''))
    end)
  end),
})
modules.LrErrors = strict('LrErrors', {
  throwUserError = takes('throwUserError', { 'string' }, function(text)
    error(USER .. text, 0)
  end),
})
modules.LrFunctionContext = strict('LrFunctionContext', {
  postAsyncTaskWithContext = takes('postAsyncTaskWithContext', { 'string', 'function' }, function(_, action)
    local cleanups, failures = {}, {}
    local context = strict('LrFunctionContext', {
      addCleanupHandler = takes('addCleanupHandler', { 'table', 'function' }, function(_, handler)
        table.insert(cleanups, 1, handler)
      end),
      addFailureHandler = takes('addFailureHandler', { 'table', 'function' }, function(_, handler)
        table.insert(failures, 1, handler)
      end),
    })
    start(function()
      local fine, message = modules.LrTasks.pcall(action, context)
      for _, handler in ipairs(fine and {} or failures) do
        handler(fine, message)
      end
      for _, handler in ipairs(cleanups) do
        handler(fine, message)
      end
      assert(fine or #failures > 0, 'an error that nobody is shown: ' .. tostring(message))
    end)
  end),
})
modules.LrProgressScope = setmetatable({}, {
  __call = takes('LrProgressScope', { 'table', 'table' }, function(_, options)
    assert(type(options.title) == 'string' and type(options.functionContext) == 'table')
    local last, cancelable = 0, false
    return strict('LrProgressScope', {
      setCancelable = takes('setCancelable', { 'table', 'boolean' }, function(_, value)
        cancelable = value
      end),
      isCanceled = takes('isCanceled', { 'table' }, function()
        local cancelled = host.cancelled()
        local place, key, value = host.by_hand()
        while place do
          host.photos[place][key] = value
          place, key, value = host.by_hand()
        end
        return cancelable and cancelled
      end),
      setPortionComplete = takes('setPortionComplete', { 'table', 'number', 'number?' }, function(_, done, total)
        assert(done >= last and done <= (total or 1), 'progress goes on to the end')
        last = done
        host.went_on(done)
      end),
      done = takes('done', { 'table' }, function() end),
    })
  end),
  __index = function(_, key)
    error('LrProgressScope has no member ' .. tostring(key), 2)
  end,
})

--- As pcall, for what may give way to other tasks.
local function protected(action, ...)
  local thread = coroutine.create(action)
  local function go_on(fine, ...)
    if not fine or coroutine.status(thread) == 'dead' then
      return fine, ...
    end
    coroutine.yield()
    return go_on(coroutine.resume(thread))
  end
  return go_on(coroutine.resume(thread, ...))
end

modules.LrTasks = strict('LrTasks', {
  execute = takes('execute', { 'string' }, function(line)
    local process = host.execute(line)
    wait('execute', function()
      return host.ended(process) ~= nil
    end)
    return host.ended(process)
  end),
  startAsyncTask = takes('startAsyncTask', { 'function', 'string?' }, start),
  pcall = protected,
  yield = takes('yield', {}, function()
    wait('yield', function()
      return true
    end)
  end),
  sleep = takes('sleep', { 'number' }, function(seconds)
    local due = clock + seconds
    wait('sleep', function()
      return clock >= due
    end)
  end),
})
modules.LrHttp = strict('LrHttp', {
  postMultipart = takes('postMultipart', { 'string', 'table', 'table?', 'number?' }, function(url, parts, headers, timeout)
    wait('postMultipart', function()
      return true
    end)
    local fields = {}
    for index, header in ipairs(headers or {}) do
      assert(type(header.field) == 'string' and type(header.value) == 'string', 'a header has a field and a value')
      fields[2 * index - 1], fields[2 * index] = header.field, header.value
    end
    for _, part in ipairs(parts) do
      for name in pairs(part) do
        one_of(name, { 'name', 'fileName', 'filePath', 'value', 'contentType' }, 'of a part')
      end
    end
    assert(#parts == 1 and parts[1].filePath)
    local status, body = host.post(url, parts[1].filePath, timeout, unpack(fields))
    if status then
      return body, strict('headers', { status = status, error = false })
    end
    return nil, strict('headers', { status = false, error = { errorCode = body, name = body } })
  end),
})
modules.LrFileUtils = strict('LrFileUtils', {
  chooseUniqueFileName = takes('chooseUniqueFileName', { 'string' }, function(path)
    return host.unique(path)
  end),
  delete = takes('delete', { 'string' }, function(path)
    return host.delete(path)
  end),
  exists = takes('exists', { 'string' }, function(path)
    return host.exists(path)
  end),
})
modules.LrPathUtils = strict('LrPathUtils', {
  getStandardFilePath = takes('getStandardFilePath', { 'string' }, function(name)
    one_of(name, { 'home', 'temp', 'desktop', 'appPrefs', 'pictures', 'documents', 'appData' }, 'a standard folder')
    return host.folder(name)
  end),
  child = takes('child', { 'string', 'string' }, function(folder, name)
    return folder .. '/' .. name
  end),
  standardizePath = takes('standardizePath', { 'string' }, function(path)
    return (path:gsub('^~', host.folder('home')))
  end),
})
modules.LrPrefs = strict('LrPrefs', {
  prefsForPlugin = takes('prefsForPlugin', { 'string?' }, function()
    return host.preferences
  end),
})
modules.LrPasswords = strict('LrPasswords', {
  store = takes('store', { 'string', 'string' }, function(name, value)
    host.passwords[name] = value
  end),
  retrieve = takes('retrieve', { 'string' }, function(name)
    return host.passwords[name]
  end),
})

-- The properties of views, by their kinds in the SDK's reference.
local NODE = { width = 'number', height = 'number', fill_horizontal = 'number', fill_vertical = 'number' }
local CHILDREN = { spacing = 'number', margin = 'number', place = 'string', bind_to_object = 'table' }
local TEXT = { height_in_lines = 'number', width_in_chars = 'number' }
local EDIT = { value = 'any', immediate = 'boolean', placeholder_string = 'string', validate = 'function' }
local BOUND = {}

local function control(kind, ...)
  local kinds = { NODE, ... }
  return takes(kind, { 'table', 'table' }, function(_, options)
    for name, value in pairs(options) do
      local wanted = type(name) == 'number' and 'table' or nil
      for _, properties in ipairs(kinds) do
        wanted = wanted or properties[name]
      end
      if not wanted then
        error(kind .. ' has no property ' .. tostring(name), 2)
      elseif wanted ~= 'any' and type(value) ~= wanted and getmetatable(value) ~= BOUND then
        error(name .. ' of ' .. kind .. ' is no ' .. type(value), 2)
      end
    end
    options.kind = kind
    return options
  end)
end

host.view = strict('LrView.osFactory', {
  column = control('column', CHILDREN),
  row = control('row', CHILDREN),
  scrolled_view = control('scrolled_view', CHILDREN),
  static_text = control('static_text', TEXT, { title = 'string' }),
  edit_field = control('edit_field', TEXT, EDIT),
  password_field = control('password_field', TEXT, EDIT),
  popup_menu = control('popup_menu', TEXT, { value = 'any', items = 'table' }),
  radio_button = control('radio_button', { title = 'string', value = 'any', checked_value = 'any' }),
  checkbox = control('checkbox', { title = 'string', value = 'any' }),
  control_spacing = takes('control_spacing', { 'table' }, function()
    return 8
  end),
})
modules.LrView = strict('LrView', {
  osFactory = takes('osFactory', {}, function()
    return host.view
  end),
  bind = takes('bind', { 'any' }, function(key)
    local bound = type(key) == 'table' and key or { key = key }
    assert(type(bound.key) == 'string')
    return setmetatable(bound, BOUND)
  end),
  share = takes('share', { 'string' }, function(name)
    return setmetatable({ shared = name }, BOUND)
  end),
})

_PLUGIN = strict('_PLUGIN', { path = host.plugin })
WIN_ENV, MAC_ENV = host.windows, not host.windows

function LOC(text, ...)
  local key, usual = text:match('^%$%$%$/([^=]+)=(.*)$')
  assert(key, 'no key in ' .. text)
  local said = host.translated(key) or usual
  local facts = { ... }
  return (said:gsub('%^(%d)', function(place)
    return tostring(facts[tonumber(place)])
  end))
end

-- As in Lightroom, a plug-in sees no more of Lua's libraries than it is given, and only what lies in its folder.
package.path, package.cpath = host.plugin .. '/?.lua', ''
for _, name in ipairs({ 'execute', 'exit', 'remove', 'rename', 'setlocale', 'tmpname', 'getenv' }) do
  os[name] = nil
end
io.popen, _G.coroutine = nil, nil
