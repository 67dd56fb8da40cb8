"""Parts that engines are put together from: sources, tiers, components, placement."""
