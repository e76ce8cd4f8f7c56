"""Letters and text messages: an outbox beside the data, channels that carry it out."""
