"""The way to a server: names, proxies, TLS, connections, one exchange."""
