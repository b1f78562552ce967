"""A venue that the media process plays by itself: a test picture with a clock, and a tone, for next to no computing."""
