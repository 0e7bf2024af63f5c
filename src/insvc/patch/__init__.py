"""What a patch changes, and what that makes stale."""
