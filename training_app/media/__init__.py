"""The second process: it takes streams of venues and gives them to viewers, keeps them, and speaks HTTP itself."""
