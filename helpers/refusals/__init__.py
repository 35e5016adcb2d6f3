"""How a refusal is worded (`wording`), and the errors that more than one package raises (`errors`)."""
