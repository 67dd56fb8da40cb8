"""From schemas to models, CRDs and reference pages; needs what the extra `codegen` brings."""
