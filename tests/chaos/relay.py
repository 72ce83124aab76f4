"""A TCP relay before the WebSocket API: it cuts some of its connections without a word."""

import asyncio
import random
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.chaos.faults import DROPPED, Dice

SHORTEST_LIFE_S, LONGEST_LIFE_S = 0.05, 6.0
CHUNK = 65_536


class Relay:
    """Listens on loopback at `port` while it is entered."""

    def __init__(self, upstream_port: int, dice: Dice) -> None:
        self._upstream_port = upstream_port
        self._dice = dice
        self._random = random.Random(f"{dice.seed} lives of connections")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        listening = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        life = self._random.uniform(SHORTEST_LIFE_S, LONGEST_LIFE_S) if self._dice.falls(DROPPED) else None
        there, back = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        ways = [asyncio.create_task(_pump(reader, back)), asyncio.create_task(_pump(there, writer))]
        try:
            done, _ = await asyncio.wait(ways, timeout=life, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                self._dice.note(DROPPED)
        except asyncio.CancelledError:
            # The relay closes; a handler of asyncio's streams must not end cancelled.
            return
        finally:
            for way in ways:
                way.cancel()
            # Not closed but reset, as by a network that went away.
            writer.transport.abort()
            back.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
