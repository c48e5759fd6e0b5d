"""What the console shows: the same shapes for pages, programs and the command line."""
