"""Documents to print: PDFs with embedded Chinese fonts. Dataclasses in, bytes out; the same input, the same bytes."""
