"""What is asked for besides the password: codes of an authenticator app, and recovery codes.

A login with a right password becomes a pending one, whose token is good for some minutes and for one login; the code
makes a session of it (`second_step`). Turning factors on and off is in `service`.
"""
