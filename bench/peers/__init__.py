"""The same work by others: what it costs ejabberd, Prosody, nchan, Socket.IO and Django Channels, beside this gateway.

`python3 dev.py bench peers` installs them into a folder of its own, lets each do the same under the same load, by turns
within one run, and draws the table and the plots of docs/benchmarks.md. How, and why so, is there.
"""
