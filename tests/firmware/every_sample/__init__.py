"""The firmware's senses as they were when they decided at every sample: what today's are compared with."""
