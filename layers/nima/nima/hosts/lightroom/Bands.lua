-- Scores of 1 to 10 in the bands that Lightroom's filters list; the API's and the command's numbers stay in the texts.

local Bands = {}

Bands.scores = {
  { value = '1', from = 1, title = LOC '$$$/Nima/Band/1=under 4' },
  { value = '4', from = 4, title = LOC '$$$/Nima/Band/4=4 to 5' },
  { value = '5', from = 5, title = LOC '$$$/Nima/Band/5=5 to 6' },
  { value = '6', from = 6, title = LOC '$$$/Nima/Band/6=6 to 7' },
  { value = '7', from = 7, title = LOC '$$$/Nima/Band/7=7 and more' },
}

Bands.percentiles = {
  { value = '0', from = 0, title = LOC '$$$/Nima/Band/p0=lowest quarter' },
  { value = '25', from = 25, title = LOC '$$$/Nima/Band/p25=below the middle' },
  { value = '50', from = 50, title = LOC '$$$/Nima/Band/p50=above the middle' },
  { value = '75', from = 75, title = LOC '$$$/Nima/Band/p75=best quarter' },
  { value = '90', from = 90, title = LOC '$$$/Nima/Band/p90=best tenth' },
}

--- The value of the band that a number lies in; nil where there is no number.
function Bands.of(bands, number)
  local found
  for _, band in ipairs(bands) do
    if number and number >= band.from then
      found = band.value
    end
  end
  return found
end

function Bands.values(bands)
  local values = { { value = nil, title = LOC '$$$/Nima/Band/None=not rated' } }
  for _, band in ipairs(bands) do
    values[#values + 1] = { value = band.value, title = band.title }
  end
  return values
end

return Bands
