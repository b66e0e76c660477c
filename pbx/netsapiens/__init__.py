"""NetSapiens, read over its API (version 2): polled for what there is, and told of calls by its event subscriptions."""
