"""What the bot and the console say, in `en`, `zh-Hans` and `zh-Hant`. Pure."""
