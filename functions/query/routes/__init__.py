"""The routes: each module declares its operations and answers them."""
