"""HTTP as the functions speak it: operations that check requests and document themselves, routed. Imports no AWS."""
