"""Pictures that people hand in: checked, scaled, kept under the digest of their content until their time is over."""
