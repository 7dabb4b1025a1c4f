"""The routes: each module declares its operations with their handlers, and is registered here."""

from __future__ import annotations

from . import description, health, images, page, rankings, search, stats, uploads

ROUTES = tuple(
    route for module in (page, health, images, search, rankings, stats, uploads, description) for route in module.ROUTES
)
