"""A local stand-in for the vendor's server, for tests, demonstrations and measurements.

It is the other side of the wire, so it shares no code with the client. `catalogue` says what a
server can serve; `synthetic` makes one up from a seed and `replay` takes one from captured answers;
`app` answers requests for it; `server` runs that in a thread, a process or the foreground.
"""
