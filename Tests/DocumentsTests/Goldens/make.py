"""Writes the files that LoaderTests reads: one of each format, with what is awkward about it. Run it in this folder.

What the files should be read as stands in the tests and, for the page, in page.txt, written by hand from the HTML Standard's
account of innerText (section 3.2.7).
"""
import json
import os
import zipfile

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Vectors  &amp;
 Caf\u00e9s</title>
<meta name="Description" content="What &quot;near&quot; means"><style>p { color: red }</style>
<script>document.write("<p>never seen</p>")</script></head>
<body>
<header><h1>The site</h1></header>
<nav><ul><li>Home<li>About</ul></nav>
<main><article>
<header><h1>Vectors in <em>caf&eacute;s</em></h1></header>
<p>One <b>bold</b>ness, an en&#8209;dash,&nbsp;a &lt;tag&gt; and &amp;amp;.
<p>Two<br>lines
<ul><li>first<li>second <ul><li>deeper</ul></ul>
<pre>
  kept   as
    it is
</pre>
<table><tr><th>k<th>recall<tr><td>10<td>0.99</table>
<template>not here</template><noscript>nor here</noscript><div hidden>nor here</div>
<div>outer<div>inner</div>tail</div>
<svg><title>a picture</title><text>drawn</text></svg>
<footer>a note of the article</footer>
</article></main>
<aside>Buy now</aside>
<footer>Imprint</footer>
</body></html>
"""

GUIDE = """.. _guide_label:

.. This comment is no title
   ===========================

=======
A guide
=======

:author: Nobody

Text with a :ref:`role <x>`.

.. code-block:: python

    print("kept")

Second
------

* an item
"""

NOTE = """---
title: From the front matter
tags: [vectors, rag]
answer: 42
nested: {left: out}
---

Text before the first heading.

# The heading #

More.
"""


def write(name, data):
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    with open(name, "wb") as file:
        file.write(data)


def lines(objects):
    return b"".join(json.dumps(o, ensure_ascii=False).encode() + b"\n" for o in objects)


write("page.html", PAGE.encode())
write("latin1.html", b'<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1"><p>na\xefve \x93caf\xe9\x94')
write("folder/guide.rst", GUIDE.encode())
write("folder/note.md", NOTE.encode())
write("folder/broken.md", b"---\nkey: [unclosed\n---\n# Still read\n")
write("folder/deep/er/plain", b"no ending, but text\n")
write("folder/deep/bom.txt", b"\xef\xbb\xbfwith a mark\n")
write("folder/deep/wide.txt", "\ufeffUTF-16: \u6f22\u5b57 \U0001f600".encode("utf-16-le"))
write("folder/invalid.txt", b"caf\xe9 and \xf0\x9f\x98 cut, \xef\xbf\xbd meant\n")
write("folder/empty.txt", b"")
write("folder/picture.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00")
write("folder/noise.txt", bytes(range(128, 256)) * 4)
write("folder/.hidden.md", b"# hidden\n")
write("documents.jsonl", b"\xef\xbb\xbf" + lines([
    {"id": "a", "title": "A", "text": "first", "year": 2020, "public": True, "tags": ["x"]},
    {"id": 7, "text": "second \u2028 line"}]) + b"\n  \r\n" + lines([{"text": "third"}]))
write("squad.json", json.dumps({"version": "1.1", "data": [
    {"title": "T", "paragraphs": [
        {"context": "\u6f22\u5b57 \U0001f600 stand before the answer, 42.", "qas": [
            {"id": "q1", "question": "Which?", "answers": [
                {"text": "42", "answer_start": 30}, {"text": "42", "answer_start": 30},
                {"text": "stand", "answer_start": 5}]},
            {"id": "q2", "question": "Where?", "answers": [{"text": "nowhere", "answer_start": 3}]},
            {"id": "q3", "question": "None?", "answers": [], "is_impossible": True}]}]}]}).encode())
write("beir/corpus.jsonl", lines([
    {"_id": "d1", "title": "One", "text": "first", "metadata": {"url": "x"}},
    {"_id": "d2", "title": "", "text": "second"}]))
write("beir/queries.jsonl", lines([
    {"_id": "q1", "text": "asked"}, {"_id": "q2", "text": "not judged"}]))
write("beir/qrels/test.tsv", b"query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td9\t1\nq1\td2\t0\nq9\td1\t1\n")
with zipfile.ZipFile("folder.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    for name in ["folder/note.md", "folder/deep/bom.txt", "folder/picture.png", "page.html"]:
        archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), open(name, "rb").read(), zipfile.ZIP_DEFLATED)
