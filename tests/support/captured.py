"""What a real Kamailio 5.6.3 posted while phones registered and called (pbx/kamailio/presence.cfg)."""

PHONE = {
    "device": "uloc-6b02f984-4615-1",
    "contact": "sip:1001@127.0.0.1:15101;transport=UDP",
    "instance": "<urn:uuid:11111111-1111-4111-8111-111111111111>",
    "received": "sip:127.0.0.1:15101;transport=udp",
    "user_agent": "TestPhone/1",
    "reg_id": 1,
    "expires_at": 1795357750,
    "modified_at": 1795357150,
    "cseq": 2,
}
SECOND = PHONE | {
    "device": "uloc-6b02f984-4614-2",
    "instance": "<urn:uuid:21111111-1111-4111-8111-111111111111>",
    "expires_at": 1795357152,
}
REGISTERED = {
    "type": "registration",
    "op": "registered",
    "aor": "1001@example.test",
    "contacts": [PHONE],
    "before": [],
    "seq": 1,
    "occurred_at": "1795357150.729304",
}
EXPIRED = {
    "type": "registration",
    "op": "expired",
    "aor": "1001@example.test",
    "device": "uloc-6b02f984-4614-2",
    "instance": "<urn:uuid:21111111-1111-4111-8111-111111111111>",
    "reg_id": 1,
    "modified_at": 1795357150,
    "cseq": 2,
    "seq": 6,
    "occurred_at": "1795357152.059311",
}
CALL = {
    "type": "call",
    "state": "ringing",
    "call": "3318:11611",
    "caller": "1001@example.test",
    "callee": "1002@example.test",
    "reply": 180,
    "cause": "INVITE",
    "seq": 9,
    "occurred_at": "1795357171.717848",
}
DND = {
    "type": "dnd",
    "user": "1001@example.test",
    "on": True,
    "via": "feature-code",
    "seq": 14,
    "occurred_at": "1795357174.763736",
}
