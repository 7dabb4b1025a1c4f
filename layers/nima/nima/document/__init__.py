"""The result document: its types, declared once, and what is derived of them.

``result``, ``assessment``, ``composite`` and ``policy`` declare the types, over the registries that their codes are of.
Of the declarations come the JSON (``record``), the table's item and the reading of items of every release (``read``,
``upgrade``, ``item``), the JSON schemas (``schema``) and the short form of rankings, search rows and events
(``short``).

The types are plain dataclasses, by measure. In one run of cold imports on Python 3.13 (medians; the query function took
188 ms) msgspec added 12 ms and pydantic 20 ms, the standard library nothing. Neither of them reads with tolerance, one
member at a time, which documents of other releases need and is most of what is written here; and each brings a
compiled module for each processor, where one layer of pure Python serves x86_64 and arm64 alike.
"""
