"""Metrics of lip sync: does the mouth say what is heard, and is the rest of the face left as it was?"""
