"""One question to supervisord: XML-RPC over its Unix socket or port, bounded in time and size."""

import base64
import http.client
import socket
import xmlrpc.client
from pathlib import Path
from xml.parsers.expat import ExpatError

from insvc.adapters.unix_socket import connect
from insvc.errors import WorldError
from insvc.inspect.supervisord import FAULTS, Access

_LIMIT_BYTES = 16 << 20
_OK, _UNAUTHORIZED = 200, 401


class Refused(Exception):
    """supervisord's answer was a fault.

    Attributes:
        code: its number.
    """

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


class Rpc:
    """Asks one supervisord.

    Args:
        access: where.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self.name = access.socket or f"{access.host}:{access.port}"

    def ask(self, method: str, *arguments: str | bool, timeout_s: float = 5.0) -> object:
        """Its answer.

        Raises:
            Refused: it answers with a fault.
            WorldError: it does not answer, or in no way that is understood.
        """
        body = xmlrpc.client.dumps(arguments, method).encode()
        try:
            status, answer = self._exchange(body, timeout_s)
        except TimeoutError as fault:
            raise self._silent(f"does not answer {method} within {timeout_s:g} s") from fault
        except (OSError, http.client.HTTPException) as fault:
            raise self._silent(f"does not answer {method}: {fault}") from fault
        if status == _UNAUTHORIZED:
            raise self._silent("refuses the name and password of its configuration")
        if status != _OK:
            raise self._silent(f"answers {method} with HTTP status {status}")
        return self._read(method, answer)

    def _exchange(self, body: bytes, timeout_s: float) -> tuple[int, bytes]:
        connection = _Connection(self._access, timeout_s)
        try:
            connection.request("POST", "/RPC2", body, self._headers())
            response = connection.getresponse()
            return response.status, response.read(_LIMIT_BYTES + 1)
        finally:
            connection.close()

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "text/xml"}
        if self._access.username:
            pair = f"{self._access.username}:{self._access.password}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode("ascii")
        return headers

    def _read(self, method: str, answer: bytes) -> object:
        if len(answer) > _LIMIT_BYTES or b"<!DOCTYPE" in answer:
            raise self._silent(f"answers {method} with what is no plain answer")
        try:
            (value,), _ = xmlrpc.client.loads(answer)
        except xmlrpc.client.Fault as fault:
            words = FAULTS.get(fault.faultCode, "supervisord refuses")
            raise Refused(fault.faultCode, f"{words} ({fault.faultString})") from fault
        except (xmlrpc.client.Error, ExpatError, ValueError, TypeError, LookupError) as fault:
            raise self._silent(f"answers {method} with what is no XML-RPC: {fault}") from fault
        return value

    def _silent(self, found: str) -> WorldError:
        return WorldError(
            f"supervisord at {self.name}", found, next_act="look with `supervisorctl status`"
        )


class _Connection(http.client.HTTPConnection):
    """HTTP to a Unix socket, or to a port."""

    def __init__(self, access: Access, timeout_s: float) -> None:
        super().__init__(access.host, access.port or None, timeout=timeout_s)
        self._access = access
        self._timeout_s = timeout_s

    def connect(self) -> None:
        """Connect to the socket where it has one.

        Raises:
            WorldError: nobody listens there.
        """
        if self._access.socket is None:
            super().connect()
        else:
            self.sock: socket.socket = connect(Path(self._access.socket), self._timeout_s)
