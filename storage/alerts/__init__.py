"""What alert rules need of the lake, and what they remember beside it."""
