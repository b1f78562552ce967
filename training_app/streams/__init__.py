"""The site's side of the media process: tokens, orders, what happened. The only way to it."""
