"""What is known of models without asking anybody."""
