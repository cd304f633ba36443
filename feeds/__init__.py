"""What the upstream says: bytes in, typed frames out.

The rooms: `client` asks, `directory` and `signed_url` know the links, `walk` follows `nextUrl`,
`page` and `product` turn an answer into typed rows, `delta` knows versions, `sandbox` is a local
stand-in for the vendor. Nothing here knows the lake or the scheduler.
"""
