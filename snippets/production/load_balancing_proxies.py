"""Send the same requests through HAProxy and nginx, and count who answered.

Source: HAProxy configuration manual, "balance"; nginx documentation,
ngx_http_upstream_module. The two configuration files stand beside this one.
Guarantee: round robin gives each server the same number of requests. The
other two look at open connections, so a slow server gets fewer.
Assumes: both balancers run with those files; this program is the three
servers. Server c is ten times as slow as the others.
Left out: health checks, weights, several balancers.
"""

import os
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

# The addresses of round robin, least connections and two choices.
BALANCERS = {
    "HAProxy": os.environ.get("HAPROXY_PORTS", "8001,8002,8003"),
    "nginx": os.environ.get("NGINX_PORTS", "8001,8002,8003"),
}
SERVERS = os.environ.get("SERVER_PORTS", "9001,9002,9003")
POLICIES = ("round robin", "least connections", "two choices")
WORK_S = {"a": 0.04, "b": 0.04, "c": 0.4}
REQUESTS, CLIENTS = 90, 12


# --8<-- [start:server]
def serve(name: str, port: int) -> ThreadingHTTPServer:
    """A server that works for a while and answers with its name."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            time.sleep(WORK_S[name])
            self.send_response(200)
            self.send_header("Content-Length", "1")
            self.end_headers()
            self.wfile.write(name.encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
# --8<-- [end:server]


# --8<-- [start:count]
def answered(port: int) -> Counter:
    """How many requests each server answered; CLIENTS are open at a time."""
    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(
        CLIENTS
    ) as pool:
        def one(_):
            answer = client.get(f"http://127.0.0.1:{port}/")
            answer.raise_for_status()
            return answer.text

        return Counter(pool.map(one, range(REQUESTS)))
# --8<-- [end:count]


def main() -> dict:
    """Run everything; the counts by balancer and policy."""
    servers = [
        serve(name, int(port))
        for name, port in zip("abc", SERVERS.split(","))
    ]
    counts = {
        (balancer, policy): answered(int(port))
        for balancer, ports in BALANCERS.items()
        for policy, port in zip(POLICIES, ports.split(","))
    }
    for server in servers:
        server.shutdown()
        server.server_close()
    return counts


if __name__ == "__main__":
    for (balancer, policy), count in main().items():
        a, b, c = (count[name] for name in "abc")
        if policy == "round robin":
            print(f"{balancer}, {policy}: {a}, {b}, {c}")
        else:
            print(f"{balancer}, {policy}: c gets less than a third: {c < 30}")
    #> HAProxy, round robin: 30, 30, 30
    #> HAProxy, least connections: c gets less than a third: True
    #> HAProxy, two choices: c gets less than a third: True
    #> nginx, round robin: 30, 30, 30
    #> nginx, least connections: c gets less than a third: True
    #> nginx, two choices: c gets less than a third: True
