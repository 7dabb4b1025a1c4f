"""Programs that photographers work in, and what this one adds to them: plug-ins, which are copied to where they are."""
