local Bands = require 'Bands'

local function enum(id, title, bands)
  return {
    id = id,
    title = title,
    dataType = 'enum',
    values = Bands.values(bands),
    searchable = true,
    browsable = true,
    readOnly = true,
  }
end

local function text(id, title)
  return { id = id, title = title, dataType = 'string', searchable = true, readOnly = true }
end

return {
  metadataFieldsForPhotos = {
    enum('composite', LOC '$$$/Nima/Field/Composite=Composite', Bands.scores),
    enum('technical', LOC '$$$/Nima/Field/Technical=Technical', Bands.scores),
    enum('aesthetic', LOC '$$$/Nima/Field/Aesthetic=Aesthetic', Bands.scores),
    enum('percentile', LOC '$$$/Nima/Field/Percentile=Among photographs', Bands.percentiles),
    text('scores', LOC '$$$/Nima/Field/Scores=Scores'),
    text('reasons', LOC '$$$/Nima/Field/Reasons=What costs points'),
    text('model', LOC '$$$/Nima/Field/Model=Judged by'),
    -- What was written, so that a later run tells its own ratings from those made by hand.
    { id = 'written' },
  },
  schemaVersion = 1,
}
