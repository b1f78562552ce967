"""Items, cases and blueprints in the database: versions, confirmations, the criteria reader."""
