"""The film's picture: paper puppets on paper stages, drawn frame by frame from shots. ``frames`` is where to start."""
