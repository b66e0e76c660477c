"""Conversations and messages: who may read and send what, in which order, and how far everybody has read.

Messages are kept before they are acknowledged, numbered from 1 without gaps in each conversation, and made once however
often they are sent. The numbers are the order for everybody, and what a client resumes from.
"""
