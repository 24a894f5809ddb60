"""The server of Unroll: the page, the calls and the WebSocket over HTTP, the program on the command line."""
