-- Reads CSV (RFC 4180) with a line of names: a table for each row, by these names.

local Sheet = {}

-- A cell that begins at a place, and the place behind it.
local function cell(text, at)
  if text:sub(at, at) ~= '"' then
    local stop = text:find('[,\r\n]', at) or #text + 1
    return text:sub(at, stop - 1), stop
  end
  local value, stop = '', at
  repeat
    local start = stop + 1
    stop = text:find('"', start, true) or #text + 1
    value = value .. text:sub(start, stop - 1)
    stop = stop + 1
    local doubled = text:sub(stop, stop) == '"'
    value = doubled and value .. '"' or value
  until not doubled
  return value, stop
end

local function lines(text)
  local rows, row, at = {}, {}, 1
  while at <= #text do
    row[#row + 1], at = cell(text, at)
    local ending = text:match('^\r?\n', at)
    if ending or at > #text then
      rows[#rows + 1], row = row, {}
      at = at + #(ending or '')
    else
      at = at + 1 -- the comma
      if at > #text then
        row[#row + 1] = ''
        rows[#rows + 1] = row
      end
    end
  end
  return rows
end

function Sheet.read(text)
  local rows = lines((text:gsub('^\239\187\191', '')))
  local found = {}
  for index = 2, #rows do
    local row = {}
    for place, name in ipairs(rows[1]) do
      row[name] = rows[index][place] or ''
    end
    found[#found + 1] = row
  end
  return found
end

return Sheet
