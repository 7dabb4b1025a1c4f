"""The query function: answers questions about scored pictures over HTTPS."""
