"""Web push: a message on the screens of those who are not looking, by way of their browsers' own services.

Best effort, as push is: what a dying gateway had in hand is lost, and told by e-mail and by the portal instead. What is
said is encrypted for the browser (RFC 8291), and signed so that its service knows who sends (RFC 8292).
"""
