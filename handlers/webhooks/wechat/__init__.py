"""WeChat: encrypted XML callbacks in, passive replies and customer-service messages out."""
