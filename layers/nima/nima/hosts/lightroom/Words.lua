-- What is said of codes, in Lightroom's language; it comes along from the package that this is a part of.

local Here = require 'Here'

local Words = {}

local said = Here.words[LOC '$$$/Nima/Language=en']

--- The names of deductions, of which there are codes with blanks between them.
function Words.reasons(codes)
  local names = {}
  for code in codes:gmatch('%S+') do
    names[#names + 1] = said.deductions[code] or code
  end
  return table.concat(names, ', ')
end

--- Why a photograph has no scores. English ones say more than their codes do.
function Words.refusal(code, message)
  return said ~= Here.words.en and said.errors[code] or message
end

return Words
