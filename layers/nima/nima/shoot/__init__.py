"""A photographer's shoot: how its pictures were taken, which belong together, and which are worth keeping. Pure."""
