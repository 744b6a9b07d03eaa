"""A real Redis."""

import socket

from service_process import ServiceProcess


class RedisServer(ServiceProcess):
    """Keeps nothing on disk. Takes connections at 127.0.0.1:port and at the socket `path`; with a
    password, only of those who know it."""

    name = "redis"

    def __init__(self, password=None):
        super().__init__()
        self.password = password
        self.path = self.folder / "redis.sock"

    def command(self):
        return ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port),
                "--unixsocket", str(self.path), "--unixsocketperm", "777",
                "--dir", str(self.folder), "--save", "", "--appendonly", "no",
                "--daemonize", "no",
                *(["--requirepass", self.password] if self.password else [])]

    def prepare(self):
        self.folder.chmod(0o755)

    def is_ready(self):
        """It listens before it answers."""
        try:
            return self.ask("PING")[:1] in (b"+", b"-") and self.path.exists()
        except OSError:
            return False

    def ask(self, line):
        """The first bytes of the answer to a command as one would type it."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(line.encode() + b"\r\n")
            return connection.recv(1 << 16)

    def commands(self):
        """How often each command was called so far, by its name in small letters, as the server
        counts; `AUTH` aside this needs a server without password."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            stream = connection.makefile("rwb")
            stream.write(b"INFO commandstats\r\n")
            stream.flush()
            size = int(stream.readline()[1:])
            lines = stream.read(size).decode().splitlines()
        return {line[len("cmdstat_"):line.index(":")]: int(line.partition("calls=")[2].split(",")[0])
                for line in lines if line.startswith("cmdstat_")}
