"""The vocabulary: what a contact, consent, a preference, a permit, a case and a quota are."""
