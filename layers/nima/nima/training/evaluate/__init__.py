"""How well a model agrees with raters, and the report about it."""
