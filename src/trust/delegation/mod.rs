//! Roster, request, change, review: one concept for every trust format.
