"""Files: read as what they are or refused, and written whole or not at all."""
