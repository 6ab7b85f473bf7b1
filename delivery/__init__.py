"""The only room that sends: Slack and a generic webhook, with retries. Sees only what it is handed."""
