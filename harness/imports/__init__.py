"""Takes that people make by hand: what they are asked for, and what they bring."""
