"""Sets a key and gets it: store.py VALUE."""
import sys

import redis

store = redis.Redis(host="redis", socket_timeout=30, decode_responses=True)
store.ping()
store.set("word", sys.argv[1])
print(store.get("word"))
