"""Camera RAW, as photographers' own machines read it; the functions on AWS do not. Needs the extra ``raw``."""
