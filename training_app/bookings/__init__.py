"""Rooms, seats, kit and their hours; bookings and claims: the only truth about a place, a seat or a person's time."""
