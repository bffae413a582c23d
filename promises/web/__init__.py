"""The edge between HTTP and the rooms: transaction, reader, permission, words and forms."""
