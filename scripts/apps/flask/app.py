import os

import requests
from flask import Flask

app = Flask(__name__)


@app.route("/hello/<name>")
def hello(name):
    return {"app": "flask", "hello": name}


@app.route("/call/<name>")
def call(name):
    return requests.get(f"{os.environ['UPSTREAM']}/hello/{name}", timeout=30).json()
