"""raisewire: who raised how much from whom, and who is selling which bond."""

__version__ = "0.1.0"
