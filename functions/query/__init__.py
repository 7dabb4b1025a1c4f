"""The query function: what is known of scored pictures, over HTTPS."""
