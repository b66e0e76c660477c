"""Photos of users: made anew from what somebody sent, small, and seen by whoever sees the user."""
