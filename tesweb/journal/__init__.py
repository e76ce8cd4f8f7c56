"""What happened to somebody's cabinet, written once and never changed; and who is told."""
