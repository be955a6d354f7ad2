"""Mutual TLS on nginx: who gets in, and a certificate replaced while it runs.

Source: RFC 8446 (TLS 1.3), section 4.3.2, CertificateRequest; nginx
documentation, ngx_http_ssl_module (ssl_verify_client).
Guarantee: a request is served only to a client with a certificate of our
authority that has not expired, and a client speaks only to such a server.
Assumes: clocks that are right to the lifetime of a certificate.
Left out: revocation. Short lifetimes and rotation take its place here.
"""

import os
import ssl
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import trustme

PORT = int(os.environ.get("TLS_PORT", "8443"))
FOLDER = Path(os.environ.get("TLS_FOLDER", "."))  # nginx -p FOLDER
SECONDS = 60  # no wait is longer


def please(what: str) -> None:
    """Ask whoever runs this for something, and wait until it is done."""
    print(f"-> {what}", file=sys.stderr, flush=True)
    input()


# --8<-- [start:issue]
def issue(authority: trustme.CA, name: str, days: int = 1) -> Path:
    """A certificate and its key, in one file; negative days: expired."""
    ends = datetime.now(UTC) + timedelta(days=days)
    made = authority.issue_cert("127.0.0.1", common_name=name, not_after=ends)
    path, new = FOLDER / f"{name}.pem", FOLDER / f"{name}.new"
    made.private_key_and_cert_chain_pem.write_to_path(new)
    # Never half a file; and nginx takes a file whose number and second of
    # change are the same for the same file.
    new.replace(path)
    return path
# --8<-- [end:issue]


# --8<-- [start:ask]
def ask(trusted: Path, certificate: Path | None = None) -> str:
    """What a client hears that trusts one authority and shows this."""
    context = ssl.create_default_context(cafile=trusted)
    if certificate:
        context.load_cert_chain(certificate)
    try:
        answer = httpx.get(f"https://127.0.0.1:{PORT}/", verify=context)
    except httpx.ConnectError:
        return "the client refuses the server"
    return f"{answer.status_code} {answer.reason_phrase}"
# --8<-- [end:ask]


# --8<-- [start:rotate]
def shown() -> str:
    """The certificate that the server shows to a new connection."""
    return ssl.get_server_certificate(("127.0.0.1", PORT))


def until_another(old: str) -> bool:
    """Wait until the server shows another certificate."""
    end = time.monotonic() + SECONDS
    while shown() == old:
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
# --8<-- [end:rotate]


if __name__ == "__main__":
    ours, theirs = trustme.CA(), trustme.CA()
    authority, other = FOLDER / "authority.pem", FOLDER / "other.pem"
    ours.cert_pem.write_to_path(authority)
    theirs.cert_pem.write_to_path(other)
    issue(ours, "server")
    please("start nginx with system_security_nginx.conf in this folder")

    print("ours:", ask(authority, issue(ours, "ann")))
    #> ours: 200 OK
    print("none:", ask(authority))
    #> none: 400 Bad Request
    print("foreign:", ask(authority, issue(theirs, "mallory")))
    #> foreign: 400 Bad Request
    print("expired:", ask(authority, issue(ours, "old", days=-1)))
    #> expired: 400 Bad Request
    print("renewed:", ask(authority, issue(ours, "old")))
    #> renewed: 200 OK
    print("not our server:", ask(other, issue(ours, "ann")))
    #> not our server: the client refuses the server

    old = shown()
    issue(ours, "server")
    please("send nginx the signal HUP")
    print("another certificate, same process:", until_another(old))
    #> another certificate, same process: True
    print("ours:", ask(authority, issue(ours, "ann")))
    #> ours: 200 OK
