"""Gateway: webhooks in, durable inbox, dispatcher, sweeper, sync."""
