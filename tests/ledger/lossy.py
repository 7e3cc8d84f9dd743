"""A wire that can break at the worst moment: it carries COMMIT to the server, and loses the answer."""

import select
import socket
import threading


class LossyWire:
    """Listens on `port` and carries every connection on to the server, until it is told to lose an answer."""

    def __init__(self, host: str, port: int) -> None:
        self.there = (host, port)
        self.loses_commits = 0
        self.lost = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self.listener.close()

    def _listen(self) -> None:
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client, socket.create_connection(self.there)), daemon=True).start()

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        with client, server:
            is_committing = False
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    said = ready.recv(1 << 16)
                    if not said:
                        return
                    if ready is client:
                        is_committing = is_committing or (b"COMMIT" in said and self.loses_commits > 0)
                        server.sendall(said)
                    elif is_committing and b"COMMIT\0" in said:
                        self.loses_commits -= 1
                        self.lost += 1
                        return
                    else:
                        client.sendall(said)
