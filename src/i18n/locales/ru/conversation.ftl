# Conversation.
