return {
  id = 'nima',
  title = LOC '$$$/Nima/Name=NIMA',
  items = {
    'com.adobe.filename',
    'com.adobe.rating',
    'serverless.nima.lightroom.composite',
    'serverless.nima.lightroom.technical',
    'serverless.nima.lightroom.aesthetic',
    'serverless.nima.lightroom.percentile',
    'serverless.nima.lightroom.scores',
    'serverless.nima.lightroom.reasons',
    'serverless.nima.lightroom.model',
  },
}
