"""A small web service: the documents it serves, an index, its sessions.

usage: app.py MIB_OF_SESSIONS REDIS_SOCKET

The documents are the library sources of Python and Perl; every instance holds
them all. Index and sessions are its own.
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
where, documents = {}, io.BytesIO()
for path in paths:
    where[path] = documents.tell()
    with open(path, "rb") as file:
        documents.write(file.read())
documents = documents.getvalue()

# An index of the functions they define.
index = collections.defaultdict(list)
for match in re.finditer(rb"\n(?:def|class|sub) (\w+)", documents):
    index[match[1].decode()].append(match.start())

# What visitors leave behind: a token and a page of their own each.
sessions = [bytearray(secrets.token_bytes(4000)) for _ in range(sessions_mib * 256)]
print(f"ready app {len(documents) >> 20} MiB, {len(index)} names, {len(sessions)} sessions", flush=True)

names = list(index)
while True:
    time.sleep(1)
    # A few requests: look a name up, answer with the text, note it in the session.
    for _ in range(4):
        at = index[random.choice(names)][0]
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
