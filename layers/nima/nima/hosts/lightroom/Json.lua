-- Reads JSON (RFC 8259); null becomes nil. What is no JSON raises an error.

local Json = {}

local escapes = { b = '\b', f = '\f', n = '\n', r = '\r', t = '\t' }
local most = 64 -- levels of nesting

local function utf8(code)
  if code < 0x80 then
    return string.char(code)
  elseif code < 0x800 then
    return string.char(0xC0 + math.floor(code / 0x40), 0x80 + code % 0x40)
  elseif code < 0x10000 then
    return string.char(0xE0 + math.floor(code / 0x1000), 0x80 + math.floor(code / 0x40) % 0x40, 0x80 + code % 0x40)
  end
  return string.char(
    0xF0 + math.floor(code / 0x40000),
    0x80 + math.floor(code / 0x1000) % 0x40,
    0x80 + math.floor(code / 0x40) % 0x40,
    0x80 + code % 0x40
  )
end

local function text(source, at)
  local parts = {}
  while true do
    local plain, stop = source:match('^([^"\\]*)()', at)
    parts[#parts + 1] = plain
    at = stop
    local mark = source:sub(at, at)
    if mark == '"' then
      return table.concat(parts), at + 1
    elseif mark ~= '\\' then
      error('a text has no end')
    end
    local name = source:sub(at + 1, at + 1)
    at = at + 2
    if name == 'u' then
      local code = tonumber(source:match('^%x%x%x%x', at) or error('a broken escape'), 16)
      at = at + 4
      local low = code >= 0xD800 and code < 0xDC00 and source:match('^\\u([dD][c-fC-F]%x%x)', at)
      if low then
        code = 0x10000 + (code - 0xD800) * 0x400 + tonumber(low, 16) - 0xDC00
        at = at + 6
      end
      parts[#parts + 1] = utf8(code)
    else
      parts[#parts + 1] = escapes[name] or name
    end
  end
end

local function value(source, at, depth)
  if depth > most then
    error('too many levels')
  end
  at = source:match('^%s*()', at)
  local mark = source:sub(at, at)
  if mark == '"' then
    return text(source, at + 1)
  elseif mark == '{' or mark == '[' then
    local found, close = {}, mark == '{' and '}' or ']'
    at = source:match('^%s*()', at + 1)
    while source:sub(at, at) ~= close do
      local key = #found + 1
      if mark == '{' then
        key, at = text(source, source:match('^"()', at) or error('a name is missing'))
        at = source:match('^%s*:()', at) or error('a colon is missing')
      end
      found[key], at = value(source, at, depth + 1)
      at = source:match('^%s*()', at)
      if source:sub(at, at) == ',' then
        at = source:match('^%s*()', at + 1)
      elseif source:sub(at, at) ~= close then
        error('a comma is missing')
      end
    end
    return found, at + 1
  end
  for word, meaning in pairs({ ['true'] = true, ['false'] = false }) do
    if source:sub(at, at + #word - 1) == word then
      return meaning, at + #word
    end
  end
  if source:sub(at, at + 3) == 'null' then
    return nil, at + 4
  end
  local number, stop = source:match('^(%-?%d+%.?%d*[eE]?[+-]?%d*)()', at)
  return tonumber(number) or error('no value'), stop
end

function Json.read(source)
  local found, stop = value(source, 1, 1)
  if source:find('%S', stop) then
    error('more than one value')
  end
  return found
end

return Json
