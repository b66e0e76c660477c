"""Links that let somebody set a password who cannot log in: made, mailed, used once.

Whoever asks for one is told the same, in the same time, whether there is such a user or not: what is asked for is put
into a queue, and looked up after the answer.
"""
