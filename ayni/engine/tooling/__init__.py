"""What an engineer has for channels: their samples run, their folders checked, new ones made."""
