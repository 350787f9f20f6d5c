"""Score distillation: gradients of a frozen prior's opinion, and the loop that follows them."""
