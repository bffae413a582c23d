"""Proving that nothing was changed: the chains, the books, backups, and the auditor's pages."""
