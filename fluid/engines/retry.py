"""When to ask again for what nothing announces: derived from timestamps, so that a restart loses nothing."""

from datetime import datetime


def retry_delay(since: datetime | None, now: datetime) -> float:
    """Seconds until the next try: half the time waited so far, between 0.5 s and 30 s."""
    waited = (now - since).total_seconds() if since else 0.0
    return min(30.0, max(0.5, waited / 2))
