"""Reports -> text and files."""
