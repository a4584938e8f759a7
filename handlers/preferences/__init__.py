"""The public preference page behind a signed link. Not built yet: preferences change in the chat and through the API's /preferences."""
