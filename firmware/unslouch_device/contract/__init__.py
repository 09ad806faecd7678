"""What board and host both speak: frames, messages, records, states and settings."""
