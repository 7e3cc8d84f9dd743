"""What customers have besides, as the shop describes it (vehicles, pets, contracts): the modules, and all their records."""
