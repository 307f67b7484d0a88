"""Who a session or a token belongs to; keeps sessions alive that are being used."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from crowdcore.accounts import queries, service
from crowdcore.base import clock
from crowdcore.web.context import Viewer

_TOUCH_EVERY = timedelta(minutes=1)
_MOST_KEPT = 20_000


class Viewers:
    """Finds viewers; writes down at most once a minute that a session was used."""

    def __init__(self) -> None:
        """Start with nobody known."""
        self._touched: dict[UUID, datetime] = {}

    async def find(self, session: str | None, bearer: str | None) -> Viewer | None:
        """Return the viewer, or None for an unknown or ended session.

        Args:
            session: secret of a session cookie.
            bearer: secret of an API token.

        Raises:
            TokenInvalid, TokenExpired, TokenRevoked: the token is not good here.
        """
        if bearer is not None:
            return await queries.viewer_of_token(bearer)
        viewer = await queries.viewer_of_session(session or "")
        if viewer is not None and viewer.session_id is not None:
            await self._touch(viewer.session_id)
        return viewer

    async def _touch(self, session_id: UUID) -> None:
        now = clock.now()
        before = self._touched.get(session_id)
        if before is not None and now - before < _TOUCH_EVERY:
            return
        if len(self._touched) >= _MOST_KEPT:
            self._touched.clear()
        self._touched[session_id] = now
        await service.touch(session_id=session_id)
