"""A real SMTP server in a thread, that can refuse, break and be away for a while (RFC 5321, as little as needed)."""

import email
import email.policy
import socketserver
import threading
from contextlib import suppress
from email.message import EmailMessage


class Session(socketserver.StreamRequestHandler):
    """One client, line by line."""

    server: "SmtpServer"

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        with suppress(ConnectionError):
            self.say(self.server.greeting)
            while not self.server.greeting.startswith("421") and (line := self.rfile.readline()):
                if not self.answer(line.decode().strip()):
                    return

    def answer(self, line: str) -> bool:
        """Answer one command; say whether to go on."""
        verb = line.upper().split(":", maxsplit=1)[0].split(" ")[0]
        if verb == "DATA":
            return self.take()
        if verb == "RCPT":
            address = line.partition("<")[2].partition(">")[0]
            reply = self.server.replies.get(address, "250 OK")
            self.say(reply)
            return not reply.startswith("421")
        self.say({"QUIT": "221 Bye", "EHLO": "250 test.invalid"}.get(verb, "250 OK"))
        return verb != "QUIT"

    def take(self) -> bool:
        self.say("354 Go on")
        lines = iter(self.rfile.readline, b".\r\n")
        raw = b"".join(line.removeprefix(b".") for line in lines)
        self.server.raw.append(raw)
        if self.server.drops:
            self.server.drops -= 1
            return False  # it has the mail, and says nothing
        self.say("250 Taken")
        return True


class SmtpServer(socketserver.ThreadingTCPServer):
    """Stop it and start another on the same port to be away for a while."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Session)
        self.raw: list[bytes] = []
        self.replies: dict[str, str] = {}  # to RCPT, by address
        self.greeting = "220 test.invalid"
        self.drops = 0  # how many mails are taken without an answer
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def port(self) -> int:
        return self.server_address[1]

    @property
    def mails(self) -> list[EmailMessage]:
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.raw]

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
