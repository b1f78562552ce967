"""The site's HTTP manners: who may call what, sessions of the database, headers, error pages, log lines."""
