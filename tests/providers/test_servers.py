"""The scripted server in a thread, as tests of processes use it."""

from urllib.request import Request, urlopen

from tests.servers import ThreadedServer, whole


def test_a_threaded_server_answers_and_records() -> None:
    with ThreadedServer([whole("Hello")]) as server:
        request = Request(server.base_url + "/chat/completions", data=b'{"model": "m"}')
        with urlopen(request, timeout=5) as response:
            assert b"Hello" in response.read()
        assert server.requests[0].json == {"model": "m"}
        assert server.requests[0].path == "/v1/chat/completions"
