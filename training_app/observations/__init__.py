"""Live observations: occasions with venues, who may watch, hosts, consents, recordings."""
