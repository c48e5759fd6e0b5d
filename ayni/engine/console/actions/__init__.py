"""What a person does in the console; each action is written down before it happens."""
