"""The route that app.py hangs onto Streamlit's own port."""

from __future__ import annotations

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from cvdemo.live.connection import Connection
from cvdemo.live.house import House, house
from cvdemo.live.origin import origin_allowed
from cvdemo.live.protocol import CLOSE_ORIGIN

PATH = "/api/live"


def live_route(home: House | None = None) -> WebSocketRoute:
    """Where browsers stream to. home: what they share, the process's own when not given."""

    async def live(socket: WebSocket) -> None:
        shared = home or house()
        if not origin_allowed(socket.headers.get("origin"), socket.headers.get("host"), shared.limits.origins):
            await socket.close(CLOSE_ORIGIN)  # before it is accepted: the handshake is answered with 403
            return
        await socket.accept()
        await Connection(socket, shared).run()

    return WebSocketRoute(PATH, live)
