#!/usr/bin/env python3
"""A small web service: the documents it serves and its visitors' sessions.

usage: app.py MIB_OF_SESSIONS REDIS_SOCKET

The documents are the library sources of Python and Perl; every instance holds
them all. The sessions are its own.
"""
import argparse, base64, calendar, collections, configparser, csv, ctypes, datetime, decimal
import difflib, email.message, gettext, hashlib, html.parser, http.cookies, http.server, inspect
import io, ipaddress, json, logging.handlers, mimetypes, os, pathlib, pickle, platform, pprint
import queue, random, re, secrets, shelve, smtplib, socket, sqlite3, ssl, statistics, string, sys
import tarfile, tempfile, textwrap, threading, time, traceback, typing, unicodedata
import urllib.request, uuid, wsgiref.simple_server, xml.etree.ElementTree, zipfile, zlib

sessions_mib, cache = int(sys.argv[1]), sys.argv[2]
paths = sorted(os.path.join(where, name) for root in (os.path.dirname(os.__file__), "/usr/share/perl")
               for where, _, names in os.walk(root) for name in names
               if re.search(r"\.p[mly]$", name) and os.path.isfile(os.path.join(where, name)))

# All documents in one piece, as an archive read into memory, and where each is.
place, documents = {}, io.BytesIO()
for path in paths:
    place[path] = documents.tell()
    with open(path, "rb") as file:
        documents.write(file.read())
documents = documents.getvalue()

# What visitors leave behind, of every one something else. Random bytes are
# dear, so that each session takes its own cut out of the same few.
noise = secrets.token_bytes(1 << 16)
sessions = [bytearray(noise[7 * i % 60000:][:4000]) for i in range(sessions_mib * 256)]
print(f"ready app {len(documents) >> 20} MiB, {len(sessions)} sessions", flush=True)

while True:
    time.sleep(1)
    # A few requests: find a document, answer with its head, note it in the session.
    for _ in range(4):
        at = place[random.choice(paths)]
        answer = documents[at:at + 400]
        session = random.randrange(len(sessions))
        sessions[session][:64] = hashlib.sha512(answer).digest()
    # The last answer goes into the cache as well, when there is one.
    try:
        with socket.socket(socket.AF_UNIX) as redis:
            redis.connect(cache)
            redis.sendall(b"*3\r\n$3\r\nSET\r\n$7\r\npage%03d\r\n$%d\r\n%b\r\n"
                          % (session % 1000, len(answer), answer))
            redis.recv(16)
    except OSError:
        pass
