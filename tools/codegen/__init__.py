"""From `schemas/` to models, CRDs and reference pages."""
