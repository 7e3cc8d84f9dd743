"""Components, layouts and tokens: how the product looks. It knows no business; pages never restyle what is here."""
