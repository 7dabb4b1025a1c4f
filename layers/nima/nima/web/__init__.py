"""HTTP as the functions speak it: declared operations that check a request and document themselves. Imports no AWS."""
