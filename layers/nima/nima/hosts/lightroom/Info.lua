return {
  LrSdkVersion = 14.0,
  LrSdkMinimumVersion = 10.0,
  LrToolkitIdentifier = 'serverless.nima.lightroom',
  LrPluginName = LOC '$$$/Nima/Name=NIMA',
  LrLibraryMenuItems = {
    {
      title = LOC '$$$/Nima/Menu/Rate=Rate the selected photographs...',
      file = 'Rate.lua',
      enabledWhen = 'photosSelected',
    },
  },
  LrMetadataProvider = 'MetadataDefinition.lua',
  LrMetadataTagsetFactory = 'MetadataTagset.lua',
  LrPluginInfoProvider = 'InfoProvider.lua',
  VERSION = { major = 1, minor = 0, revision = 0 },
}
