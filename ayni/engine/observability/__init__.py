"""How people and programs see that the engine works: metrics, alerts, spans. Never what a message says."""
