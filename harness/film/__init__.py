"""From a screenplay to what a film would cost, and to the film itself."""
