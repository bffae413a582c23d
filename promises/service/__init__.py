"""Cases come in, are judged and are watched until they end or their time runs out."""
