"""Schedules, slots and the appointments booked in them."""
