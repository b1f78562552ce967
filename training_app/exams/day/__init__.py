"""The day of an exam: from the door to the first page, and what the room does meanwhile."""
