"""One folder a provider: each speaks its provider's own protocol and knows neither the database nor its neighbours."""
