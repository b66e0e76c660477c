"""Files of contacts: vCard 2.1 to 4.0, Google CSV, Outlook CSV and other tables, in and out.

Pure: bytes in, contacts and what was wrong with each out; no I/O, no clock. Start in `reading.py` and `writing.py`.
"""
