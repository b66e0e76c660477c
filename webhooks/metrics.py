"""What an operator can see of the webhooks that this gateway delivers."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from webhooks.model import Webhook


class WebhookMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._sent = Counter(
            "presence_webhook_messages", "Messages by what became of them", ["webhook", "outcome"], registry=registry
        )
        self._users = Counter(
            "presence_webhook_users",
            "Users that were told of in messages that were taken",
            ["webhook"],
            registry=registry,
        )
        self._failures = Gauge(
            "presence_webhook_failures", "Attempts in a row that failed, up to now", ["webhook"], registry=registry
        )

    def taken(self, webhook: Webhook, users: int) -> None:
        self._sent.labels(webhook.label, "taken").inc()
        self._users.labels(webhook.label).inc(users)
        self._failures.labels(webhook.label).set(0)

    def failed(self, webhook: Webhook, failures: int) -> None:
        self._sent.labels(webhook.label, "failed").inc()
        self._failures.labels(webhook.label).set(failures)

    def held_no_longer(self, label: str) -> None:
        """Another gateway delivers it now, or nobody."""
        self._failures.remove(label)
