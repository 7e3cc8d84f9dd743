"""What is paid at a counter: cash in a drawer that is counted shift by shift, and cards at a terminal, known by their slips."""
