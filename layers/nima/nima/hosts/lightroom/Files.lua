-- Temporary files, which are gone once the task that has made them ends, however it ends.

local LrErrors = import 'LrErrors'
local LrFileUtils = import 'LrFileUtils'
local LrPathUtils = import 'LrPathUtils'

local Files = {}

--- A path that nothing has, for as long as a function context lasts.
function Files.temporary(context, name)
  local folder = LrPathUtils.getStandardFilePath('temp')
  local path = LrFileUtils.chooseUniqueFileName(LrPathUtils.child(folder, name))
  context:addCleanupHandler(function()
    LrFileUtils.delete(path)
  end)
  return path
end

function Files.write(path, content)
  local file = io.open(path, 'wb')
  local written = file and file:write(content)
  if not (file and file:close() and written) then
    LrErrors.throwUserError(LOC('$$$/Nima/Error/Write=^1 cannot be written.', path))
  end
end

--- What a file holds; nothing where there is none.
function Files.read(path)
  local file = io.open(path, 'rb')
  local content = file and file:read('*a')
  if file then
    file:close()
  end
  return content or ''
end

return Files
