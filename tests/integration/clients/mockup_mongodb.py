"""A server of MongoDB's wire protocol, by mockupdb: Debian has no MongoDB server."""

import mockupdb


class MockupMongodb:
    """Answers the commands of mongoc_program.cpp, on a free port of loopback; a context manager.

    `commands` has their names, in the order of their arrival.
    """

    def __init__(self):
        self._server = mockupdb.MockupDB()
        self._server.autoresponds(self._answer)
        self.commands = []

    def __enter__(self):
        self._server.run()
        return self

    def __exit__(self, *_):
        self._server.stop()

    @property
    def address(self):
        return f"localhost:{self._server.port}"

    @property
    def uri(self):
        return f"mongodb://{self.address}/?retryWrites=false&retryReads=false"

    def _answer(self, request):
        name = next(iter(request.doc))
        if name.lower() in ("ismaster", "hello"):
            return request.replies({"ismaster": True, "minWireVersion": 0, "maxWireVersion": 6,
                                    "connectionId": 7})
        if name == "endSessions":
            return request.ok()
        self.commands.append(name)
        if name == "insert" and self.commands.count("insert") == 1:
            return request.ok(n=1)
        if name == "insert":
            return request.ok(n=0, writeErrors=[
                {"index": 0, "code": 11000, "errmsg": "E11000 dup key: { name: \"secret-name\" }"}])
        if name == "find":
            return request.ok(cursor={"id": 0, "ns": "shop.orders", "firstBatch": [
                {"name": "secret-name"}, {"name": "secret-name"}]})
        if name == "collStats":
            return request.command_err(13, "not authorized on secret-name")
        return request.hangup()
