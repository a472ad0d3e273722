"""Who may say what is looked for: administrators' keys, what they propose, sign, publish and withdraw."""
