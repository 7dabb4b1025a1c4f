"""The photographer's desk: pictures of this machine, scored, sorted and marked where they lie."""
