"""Things drawn by the project itself: posters, labels, placards, cards, covers and boxes, by the seed.

They carry the project's licence, show no person, and stand in for things where pictures of real ones are lacking:
as entries that are never met, and as scenes whose truth is known. What is measured on them is to be called synthetic.
"""
