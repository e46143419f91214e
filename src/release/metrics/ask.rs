//! What to ask of CloudWatch, and when.
