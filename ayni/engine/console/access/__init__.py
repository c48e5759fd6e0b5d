"""Who may enter the console, as whom, and what that person may do."""
