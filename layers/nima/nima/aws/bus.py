"""Publishes on an EventBridge bus what became of a picture, so that others need not ask for it again and again."""

from __future__ import annotations

import json
from typing import Any

from nima.aws import clients
from nima.document.result import Result
from nima.document.short import EVENT
from nima.document.vocabulary import SCORED
from nima.errors import Internal, Throttled

SOURCE = "nima"
IMAGE_SCORED, IMAGE_REJECTED = "ImageScored", "ImageRejected"


class Bus:
    """A bus by its name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def publish(self, result: Result) -> None:
        """Sends ``ImageScored`` or ``ImageRejected`` with the compact document.

        To be called after the result was stored. Publishing it again is harmless: ``key`` and ``sequencer`` say which
        upload it is about, and a repetition has the same ``scored_at`` too, which a picture scored again has not.

        Raises:
            Throttled, Internal: The bus did not take it; try again.
        """
        entry: Any = {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": IMAGE_SCORED if result.status == SCORED else IMAGE_REJECTED,
            "Detail": json.dumps(EVENT.of(result), ensure_ascii=False),
        }
        with clients.translated():
            (answer,) = clients.events().put_events(Entries=[entry])["Entries"]
        code = answer.get("ErrorCode")
        if code:
            kind = Throttled if clients.is_throttling(code) else Internal
            raise kind("The event could not be sent; try again later.", detail=f"{code}: {answer.get('ErrorMessage')}")
